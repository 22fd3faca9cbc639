using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("VRBridge.Tests")]
