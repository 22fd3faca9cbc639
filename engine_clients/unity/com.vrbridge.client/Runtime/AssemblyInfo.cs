using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("VRBridge.Editor")]
[assembly: InternalsVisibleTo("VRBridge.Tests")]
