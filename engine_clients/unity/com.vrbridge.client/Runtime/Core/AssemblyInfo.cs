using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("VRBridge.Core.Tests")]
[assembly: InternalsVisibleTo("VRBridge.Core.Bench")]
[assembly: InternalsVisibleTo("VRBridge.Tests")]
