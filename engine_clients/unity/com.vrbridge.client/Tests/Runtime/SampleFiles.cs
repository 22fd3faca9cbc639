using System;
using System.IO;
using VRBridge.Core;

namespace VRBridge.Tests
{
    /// <summary>Files as the server makes them, and assets that hold them.</summary>
    internal static class SampleFiles
    {
        internal const int VkRgba8 = 37;

        private const int _headBytes = 80;
        private const int _levelBytes = 24;

        private static readonly byte[] _identifier =
        {
            0xab, 0x4b, 0x54, 0x58, 0x20, 0x32, 0x30, 0xbb, 0x0d, 0x0a, 0x1a, 0x0a,
        };

        // A red JPEG of 16 pixels.
        private const string _preview =
            "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmBanGQc1tdhbWG"
            + "kJ6jq62rZ4C8ybqmx5moq6T/2wBDARweHigjKE4rK06kbl1upKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSk"
            + "pKSkpKSkpKSkpKSkpKT/wAARCAAQABADASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAT/xAAUEAEAAAAAAAAAAAAA"
            + "AAAAAAAA/8QAFQEBAQAAAAAAAAAAAAAAAAAABAX/xAAUEQEAAAAAAAAAAAAAAAAAAAAA/9oADAMBAAIRAxEAPwCcAVVf/9k=";

        // Brown squares on 32 pixels.
        private const string _png =
            "iVBORw0KGgoAAAANSUhEUgAAACAAAAAgAQMAAABJtOi3AAAABlBMVEVaPCiWeFqc489eAAAAHklEQVR42mNg+M/wn4mBgYEB"
            + "P8Hwn+E/AzHqqGweABtBCDGgV6MnAAAAAElFTkSuQmCC";

        private static long _nMade;

        /// <summary>
        /// Returns a picture of four bytes a pixel with all its levels, the smallest first; each pixel holds its level,
        /// its row and its column.
        /// </summary>
        internal static byte[] Ktx2(int sidePx, int vkFormat = VkRgba8)
        {
            int nLevels = (int)Math.Log(sidePx, 2) + 1;
            var file = new MemoryStream();
            using (var writer = new BinaryWriter(file))
            {
                writer.Write(_identifier);
                foreach (int word in new[] { vkFormat, 1, sidePx, sidePx, 0, 0, 1, nLevels, 0 })
                {
                    writer.Write(word);
                }
                writer.Write(new byte[_headBytes - file.Length]);
                WriteIndex(writer, sidePx, nLevels);
                for (int level = nLevels - 1; level >= 0; level--)
                {
                    WriteLevel(writer, sidePx >> level, level);
                }
            }
            return file.ToArray();
        }

        /// <summary>Returns <paramref name="n"/> squares of one metre side by side, each a surface of its own.</summary>
        internal static BridgeMap Quads(int n, int indexBytes = 2)
        {
            var positions = new MemoryStream();
            var normals = new MemoryStream();
            var uv = new MemoryStream();
            var colors = new MemoryStream();
            var indices = new MemoryStream();
            var surfaces = new BridgeList();
            for (int quad = 0; quad < n; quad++)
            {
                for (int corner = 0; corner < 4; corner++)
                {
                    int x = corner & 1;
                    int y = corner >> 1;
                    Write(positions, 2 * quad + x, y, 0);
                    Write(normals, 0, 0, 1);
                    Write(uv, 2 * quad + x, 1 - y);
                    colors.Write(new byte[] { 255, 128, 0, 255 }, 0, 4);
                }
                foreach (int corner in new[] { 0, 1, 2, 1, 3, 2 })
                {
                    indices.Write(BitConverter.GetBytes(4 * quad + corner), 0, indexBytes);
                }
                surfaces.Add(new BridgeMap
                {
                    { "start", 6 * quad },
                    { "count", 6 },
                    {
                        "material", new BridgeMap
                        {
                            { "name", $"part {quad}" },
                            { "base_color", new BridgeList { 0.5, 1.0, 0.25, 1.0 } },
                            { "metallic", 0.25 },
                            { "roughness", 0.75 },
                        }
                    },
                });
            }
            return new BridgeMap
            {
                { "positions", positions.ToArray() },
                { "normals", normals.ToArray() },
                { "uv", uv.ToArray() },
                { "colors", colors.ToArray() },
                { "indices", indices.ToArray() },
                { "index_bytes", indexBytes },
                { "surfaces", surfaces },
            };
        }

        /// <summary>Returns an asset of which the first bytes have arrived; all of them without a number.</summary>
        internal static BridgeAsset Asset(
            string role, string mediaType, byte[] data, BridgeMap meta = null, int nArrived = -1)
        {
            var asset = new BridgeAsset(new BridgeMap
            {
                { "asset", ++_nMade },
                { "id", 1 },
                { "role", role },
                { "media_type", mediaType },
                { "bytes", data.Length },
                { "digest", "sha256:" },
                { "meta", meta ?? new BridgeMap() },
            });
            asset.Add(0, data.AsSpan(0, nArrived < 0 ? data.Length : nArrived));
            return asset;
        }

        /// <summary>Returns an asset with a picture of a material.</summary>
        internal static BridgeAsset Picture(string role, int sidePx, int nArrived = -1)
        {
            var meta = new BridgeMap
            {
                { "color_space", role == "base_color" ? "srgb" : "linear" }, { "metres_per_tile", 2.0 },
            };
            return Asset(role, Ktx2File.MediaType, Ktx2(sidePx), meta, nArrived);
        }

        /// <summary>Returns an asset with the small picture that comes before the maps.</summary>
        internal static BridgeAsset Preview()
        {
            return Asset("preview", "image/jpeg", Convert.FromBase64String(_preview));
        }

        /// <summary>Returns a PNG file.</summary>
        internal static byte[] Png()
        {
            return Convert.FromBase64String(_png);
        }

        /// <summary>Returns an asset with a mesh.</summary>
        internal static BridgeAsset Shape(string role, BridgeMap arrays, BridgeMap meta = null)
        {
            return Asset(role, MeshArrays.MediaType, MessagePackWriter.Encode(arrays), meta);
        }

        private static void WriteIndex(BinaryWriter writer, int sidePx, int nLevels)
        {
            for (int level = 0; level < nLevels; level++)
            {
                long start = _headBytes + _levelBytes * nLevels;
                for (int smaller = nLevels - 1; smaller > level; smaller--)
                {
                    start += BytesOf(sidePx >> smaller);
                }
                writer.Write(start);
                writer.Write(BytesOf(sidePx >> level));
                writer.Write(BytesOf(sidePx >> level));
            }
        }

        private static long BytesOf(int sidePx)
        {
            return 4L * sidePx * sidePx;
        }

        private static void WriteLevel(BinaryWriter writer, int sidePx, int level)
        {
            for (int row = 0; row < sidePx; row++)
            {
                for (int column = 0; column < sidePx; column++)
                {
                    writer.Write(new[] { (byte)level, (byte)row, (byte)column, (byte)255 });
                }
            }
        }

        private static void Write(Stream stream, params float[] numbers)
        {
            foreach (float number in numbers)
            {
                stream.Write(BitConverter.GetBytes(number), 0, sizeof(float));
            }
        }
    }
}
