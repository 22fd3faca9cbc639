using System;
using System.Collections.Generic;

namespace VRBridge.Core
{
    /// <summary>Where a scene connects to, and what it can take.</summary>
    public sealed class BridgeOptions
    {
        /// <summary>Where a server on this machine listens.</summary>
        public const string DefaultUrl = "ws://127.0.0.1:8765/ws";

        /// <summary>Version of the package.</summary>
        public const string Version = "0.1.0";

        // With less, the credit for the next chunk could wait for the rest of this one.
        private const int _chunksInWindow = 2;

        /// <summary>Address of the server.</summary>
        public string Url { get; set; } = DefaultUrl;

        /// <summary>Token of the player; empty if the server wants none.</summary>
        public string Token { get; set; } = "";

        /// <summary>Name of the program on the wire.</summary>
        public string ClientName { get; set; } = "vrbridge-unity";

        /// <summary>Version of the program on the wire.</summary>
        public string ClientVersion { get; set; } = Version;

        /// <summary>Which engine it runs in.</summary>
        public string Engine { get; set; } = "unity";

        /// <summary>Tells players apart that have no token: what characters remember is kept by it.</summary>
        public string Device { get; set; } = "";

        /// <summary>Longest piece of an asset, 256 to 65536 bytes.</summary>
        public int ChunkBytes { get; set; } = 65536;

        /// <summary>How many bytes of assets may be on their way.</summary>
        public int WindowBytes { get; set; } = 512 << 10;

        /// <summary>Formats of textures that can be shown, the best first; empty for the protocol's default.</summary>
        public IReadOnlyList<string> TextureFormats { get; set; } = Array.Empty<string>();

        /// <summary>Formats of meshes that can be shown, the best first.</summary>
        public IReadOnlyList<string> MeshFormats { get; set; } = new[] { "arrays" };

        /// <summary>Longest side of a texture, in pixels.</summary>
        public int MaxTexturePx { get; set; } = 2048;

        /// <summary>Most faces of a mesh.</summary>
        public int MaxFaces { get; set; } = 20000;

        /// <summary>Complete assets that nobody has used yet hold back further ones above so many bytes.</summary>
        public long MaxHeldBytes { get; set; } = 8 << 20;

        /// <summary>How long a lost connection is tried again, in seconds.</summary>
        public double GiveUpS { get; set; } = 300;

        /// <summary>Returns the credit that a connection begins with, in bytes.</summary>
        internal int Window()
        {
            return Math.Max(WindowBytes, _chunksInWindow * ChunkBytes);
        }

        /// <summary>Returns <c>hello</c>, without what a session adds to it.</summary>
        internal BridgeMap Hello()
        {
            var receive = new BridgeMap
            {
                { "chunk_bytes", ChunkBytes },
                { "window_bytes", Window() },
                { "mesh_formats", BridgeList.Of(MeshFormats) },
                { "max_texture_px", MaxTexturePx },
                { "max_faces", MaxFaces },
            };
            if (TextureFormats.Count > 0)
            {
                receive["texture_formats"] = BridgeList.Of(TextureFormats);
            }
            var hello = new BridgeMap
            {
                { "type", "hello" },
                { "version", SessionCore.Version },
                {
                    "client", new BridgeMap
                    {
                        { "name", ClientName },
                        { "version", ClientVersion },
                        { "engine", Engine },
                        { "device", Device },
                    }
                },
                { "receive", receive },
            };
            if (!string.IsNullOrEmpty(Token))
            {
                hello["token"] = Token;
            }
            return hello;
        }
    }
}
