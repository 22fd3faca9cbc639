using VRBridge.Core;

namespace VRBridge.Editor
{
    /// <summary>A file that came complete.</summary>
    internal sealed class GeneratedFile
    {
        /// <param name="asset">Complete; its own bytes are given back.</param>
        internal GeneratedFile(BridgeAsset asset)
        {
            Role = asset.Role;
            MediaType = asset.MediaType;
            Meta = asset.Meta;
            Data = asset.Span.ToArray();
            asset.Release();
        }

        /// <summary>What it is for.</summary>
        internal string Role { get; }

        /// <summary>Such as <c>image/png</c>.</summary>
        internal string MediaType { get; }

        /// <summary>Facts about it.</summary>
        internal BridgeMap Meta { get; }

        /// <summary>Its bytes.</summary>
        internal byte[] Data { get; }
    }
}
