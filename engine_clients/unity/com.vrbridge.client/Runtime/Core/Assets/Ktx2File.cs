using System;
using System.Buffers.Binary;

namespace VRBridge.Core
{
    /// <summary>
    /// The header of a KTX2 file of native blocks, which may still be arriving: its smallest levels come first.
    /// </summary>
    /// <remarks>Blocks are not decoded and not copied: <see cref="Level"/> is a window into the file.</remarks>
    public sealed class Ktx2File
    {
        /// <summary>What such assets are announced as.</summary>
        public const string MediaType = "image/ktx2";

        private const int _indexStart = 80;
        private const int _levelBytes = 24;
        private const int _maxLevels = 16;
        private const int _maxPx = 16384;

        private static readonly byte[] _identifier =
        {
            0xab, 0x4b, 0x54, 0x58, 0x20, 0x32, 0x30, 0xbb, 0x0d, 0x0a, 0x1a, 0x0a,
        };

        private readonly int[] _starts;

        private Ktx2File(int vkFormat, int widthPx, int heightPx, int[] starts)
        {
            VkFormat = vkFormat;
            WidthPx = widthPx;
            HeightPx = heightPx;
            _starts = starts;
        }

        /// <summary>Number of Vulkan's <c>VkFormat</c>, always a UNORM one.</summary>
        public int VkFormat { get; }

        /// <summary>Width of the largest level, in pixels.</summary>
        public int WidthPx { get; }

        /// <summary>Height of the largest level, in pixels.</summary>
        public int HeightPx { get; }

        /// <summary>How many levels there are; 0 is the largest.</summary>
        public int NLevels => _starts.Length;

        /// <summary>Reads the header of a file of which the first bytes are there.</summary>
        /// <param name="arrived">What has arrived, from the beginning.</param>
        /// <param name="file">The header; null without one.</param>
        /// <param name="error">What is wrong with it; null if nothing is, or the header is not complete yet.</param>
        /// <returns>Whether there is a header that can be used.</returns>
        public static bool TryRead(ReadOnlySpan<byte> arrived, out Ktx2File file, out string error)
        {
            file = null;
            error = null;
            if (arrived.Length < _indexStart)
            {
                return false;
            }
            int vkFormat = Field(arrived, 12);
            int widthPx = Field(arrived, 20);
            int heightPx = Field(arrived, 24);
            int nLevels = Field(arrived, 40);
            error = Fault(arrived, vkFormat, widthPx, heightPx, nLevels);
            if (error != null || arrived.Length < _indexStart + (nLevels * _levelBytes))
            {
                return false;
            }
            var starts = new int[nLevels];
            var made = new Ktx2File(vkFormat, widthPx, heightPx, starts);
            for (int level = 0; level < nLevels; level++)
            {
                ReadOnlySpan<byte> entry = arrived.Slice(_indexStart + (level * _levelBytes));
                ulong start = BinaryPrimitives.ReadUInt64LittleEndian(entry);
                ulong nBytes = BinaryPrimitives.ReadUInt64LittleEndian(entry.Slice(8));
                if (start > int.MaxValue || nBytes != (ulong)made.LevelBytes(level))
                {
                    error = "its levels have not the sizes that they must have";
                    return false;
                }
                starts[level] = (int)start;
            }
            file = made;
            return true;
        }

        /// <summary>Width of a level, in pixels.</summary>
        public int LevelWidthPx(int level)
        {
            return Math.Max(1, WidthPx >> level);
        }

        /// <summary>Height of a level, in pixels.</summary>
        public int LevelHeightPx(int level)
        {
            return Math.Max(1, HeightPx >> level);
        }

        /// <summary>Where a level begins in the file.</summary>
        public int LevelStart(int level)
        {
            return _starts[level];
        }

        /// <summary>How many bytes a level has.</summary>
        public int LevelBytes(int level)
        {
            TryBlock(VkFormat, out int edgePx, out int blockBytes);
            int nAcross = (LevelWidthPx(level) + edgePx - 1) / edgePx;
            int nDown = (LevelHeightPx(level) + edgePx - 1) / edgePx;
            return nAcross * nDown * blockBytes;
        }

        /// <summary>Returns the largest level that is there with all smaller ones; -1 if none is.</summary>
        /// <param name="nArrived">How many bytes of the file are there.</param>
        public int FinestLevel(int nArrived)
        {
            int finest = -1;
            for (int level = NLevels - 1; level >= 0 && IsThere(level, nArrived); level--)
            {
                finest = level;
            }
            return finest;
        }

        /// <summary>Returns the blocks of a level; empty if they are not all there.</summary>
        /// <param name="arrived">What has arrived, from the beginning.</param>
        /// <param name="level">0 is the largest.</param>
        public ReadOnlySpan<byte> Level(ReadOnlySpan<byte> arrived, int level)
        {
            return IsThere(level, arrived.Length) ? arrived.Slice(_starts[level], LevelBytes(level)) : default;
        }

        private bool IsThere(int level, int nArrived)
        {
            return (long)_starts[level] + LevelBytes(level) <= nArrived;
        }

        private static string Fault(ReadOnlySpan<byte> arrived, int vkFormat, int widthPx, int heightPx, int nLevels)
        {
            if (!arrived.Slice(0, _identifier.Length).SequenceEqual(_identifier))
            {
                return "it is no KTX2 file";
            }
            // A supercompression scheme, and pictures in layers or with faces, are never sent.
            if (!TryBlock(vkFormat, out _, out _) || Field(arrived, 44) != 0)
            {
                return $"its vkFormat {vkFormat} is not one that is sent";
            }
            if (Math.Min(widthPx, heightPx) < 1 || Math.Max(widthPx, heightPx) > _maxPx)
            {
                return $"it has {widthPx} x {heightPx} pixels";
            }
            return nLevels < 1 || nLevels > _maxLevels ? $"it has {nLevels} levels" : null;
        }

        private static int Field(ReadOnlySpan<byte> bytes, int place)
        {
            return BinaryPrimitives.ReadInt32LittleEndian(bytes.Slice(place));
        }

        /// <summary>Finds the edge of a block in pixels, and its bytes.</summary>
        private static bool TryBlock(int vkFormat, out int edgePx, out int blockBytes)
        {
            edgePx = 4;
            blockBytes = 16;
            switch (vkFormat)
            {
                case 9:
                    edgePx = 1;
                    blockBytes = 1;
                    return true;
                case 16:
                    edgePx = 1;
                    blockBytes = 2;
                    return true;
                case 37:
                    edgePx = 1;
                    blockBytes = 4;
                    return true;
                case 131:
                case 133:
                case 139:
                case 147:
                    blockBytes = 8;
                    return true;
                case 137:
                case 141:
                case 145:
                case 151:
                case 157:
                    return true;
                case 165:
                    edgePx = 6;
                    return true;
                default:
                    return false;
            }
        }
    }
}
