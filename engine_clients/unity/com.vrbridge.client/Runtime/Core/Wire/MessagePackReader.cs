using System;
using System.Buffers.Binary;
using System.Text;

namespace VRBridge.Core
{
    /// <summary>
    /// Reads MessagePack as the bridge speaks it; whatever else there is in it is refused.
    /// </summary>
    /// <remarks>Every method throws a <see cref="MessagePackException"/> if the bytes hold something else.</remarks>
    public ref struct MessagePackReader
    {
        private static readonly UTF8Encoding _utf8 = new UTF8Encoding(false, true);

        private readonly ReadOnlySpan<byte> _bytes;

        /// <summary>Reads from the beginning.</summary>
        public MessagePackReader(ReadOnlySpan<byte> bytes)
        {
            _bytes = bytes;
            Position = 0;
        }

        /// <summary>How many bytes were read.</summary>
        public int Position { get; private set; }

        /// <summary>Whether everything was read.</summary>
        public bool IsAtEnd => Position == _bytes.Length;

        /// <summary>Returns the one value that the bytes hold.</summary>
        public static BridgeValue Decode(ReadOnlySpan<byte> bytes)
        {
            var reader = new MessagePackReader(bytes);
            BridgeValue value = reader.ReadValue();
            if (!reader.IsAtEnd)
            {
                throw new MessagePackException("there are bytes after the end");
            }
            return value;
        }

        /// <summary>
        /// Reads the beginning of a map and returns how many pairs follow; -1, with nothing read, if it is none.
        /// </summary>
        public int ReadMapHead()
        {
            byte mark = Peek();
            switch (mark)
            {
                case 0xde:
                case 0xdf:
                    return ReadCount(mark == 0xde ? 2 : 4, 2);
                default:
                    return (mark & 0xf0) == 0x80 ? Brief(mark & 0x0f, 2) : -1;
            }
        }

        /// <summary>Reads a text and returns its UTF-8, unchecked.</summary>
        public ReadOnlySpan<byte> ReadTextBytes()
        {
            byte mark = Peek();
            switch (mark)
            {
                case 0xd9:
                case 0xda:
                case 0xdb:
                    return Take(ReadCount(1 << (mark - 0xd9), 1));
                default:
                    if ((mark & 0xe0) != 0xa0)
                    {
                        throw new MessagePackException("a key is no str");
                    }
                    return Take(Brief(mark & 0x1f, 1));
            }
        }

        /// <summary>
        /// Reads a bin and returns its bytes, which stay where they are; false, with nothing read, if it is none.
        /// </summary>
        public bool TryReadBytes(out ReadOnlySpan<byte> bytes)
        {
            byte mark = Peek();
            if (mark < 0xc4 || mark > 0xc6)
            {
                bytes = default;
                return false;
            }
            bytes = Take(ReadCount(1 << (mark - 0xc4), 1));
            return true;
        }

        /// <summary>Reads a whole number; false, with nothing read, if it is none.</summary>
        public bool TryReadWhole(out long number)
        {
            byte mark = Peek();
            number = 0;
            if (mark < 0x80 || mark >= 0xe0)
            {
                Position++;
                number = unchecked((sbyte)mark);
                return true;
            }
            if (mark < 0xcc || mark > 0xd3)
            {
                return false;
            }
            Position++;
            number = ReadWhole(mark);
            return true;
        }

        /// <summary>Reads any value.</summary>
        public BridgeValue ReadValue()
        {
            return ReadValue(0);
        }

        /// <summary>Passes over a value.</summary>
        public void Skip()
        {
            Skip(0);
        }

        private BridgeValue ReadValue(int depth)
        {
            CheckDepth(depth);
            if (TryReadWhole(out long number))
            {
                return number;
            }
            byte mark = Peek();
            if (IsText(mark))
            {
                return Text(ReadTextBytes());
            }
            if (TryReadBytes(out ReadOnlySpan<byte> bytes))
            {
                return bytes.ToArray();
            }
            int count = ReadMapHead();
            if (count >= 0)
            {
                return ReadMap(count, depth);
            }
            count = ReadListHead();
            return count >= 0 ? ReadList(count, depth) : ReadSimple();
        }

        private BridgeMap ReadMap(int count, int depth)
        {
            var map = new BridgeMap(count);
            for (int index = 0; index < count; index++)
            {
                string key = KeyCache.Find(ReadTextBytes());
                map.Append(key, ReadValue(depth + 1));
            }
            return map;
        }

        private BridgeList ReadList(int count, int depth)
        {
            var list = new BridgeList(count);
            for (int index = 0; index < count; index++)
            {
                list.Add(ReadValue(depth + 1));
            }
            return list;
        }

        private BridgeValue ReadSimple()
        {
            byte mark = Take(1).At(0);
            switch (mark)
            {
                case 0xc0:
                    return default;
                case 0xc2:
                    return false;
                case 0xc3:
                    return true;
                case 0xca:
                    return Finite(BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadInt32BigEndian(Take(4))));
                case 0xcb:
                    return Finite(BitConverter.Int64BitsToDouble(BinaryPrimitives.ReadInt64BigEndian(Take(8))));
                default:
                    throw new MessagePackException("a type is not used here");
            }
        }

        private void Skip(int depth)
        {
            CheckDepth(depth);
            if (TryReadWhole(out _) || TryReadBytes(out _))
            {
                return;
            }
            if (IsText(Peek()))
            {
                ReadTextBytes();
                return;
            }
            int nPairs = ReadMapHead();
            for (int index = 0; index < nPairs; index++)
            {
                ReadTextBytes();
                Skip(depth + 1);
            }
            if (nPairs >= 0)
            {
                return;
            }
            int nItems = ReadListHead();
            for (int index = 0; index < nItems; index++)
            {
                Skip(depth + 1);
            }
            if (nItems < 0)
            {
                ReadSimple();
            }
        }

        private int ReadListHead()
        {
            byte mark = Peek();
            switch (mark)
            {
                case 0xdc:
                case 0xdd:
                    return ReadCount(mark == 0xdc ? 2 : 4, 1);
                default:
                    return (mark & 0xf0) == 0x90 ? Brief(mark & 0x0f, 1) : -1;
            }
        }

        private long ReadWhole(byte mark)
        {
            switch (mark)
            {
                case 0xcc:
                    return Take(1).At(0);
                case 0xcd:
                    return BinaryPrimitives.ReadUInt16BigEndian(Take(2));
                case 0xce:
                    return BinaryPrimitives.ReadUInt32BigEndian(Take(4));
                case 0xcf:
                    ulong wide = BinaryPrimitives.ReadUInt64BigEndian(Take(8));
                    return Exact(wide > long.MaxValue ? long.MaxValue : (long)wide);
                case 0xd0:
                    return unchecked((sbyte)Take(1).At(0));
                case 0xd1:
                    return BinaryPrimitives.ReadInt16BigEndian(Take(2));
                case 0xd2:
                    return BinaryPrimitives.ReadInt32BigEndian(Take(4));
                default:
                    return Exact(BinaryPrimitives.ReadInt64BigEndian(Take(8)));
            }
        }

        /// <summary>
        /// Reads a length of so many bytes behind its mark; each item takes a number of bytes at least.
        /// </summary>
        private int ReadCount(int width, int itemBytes)
        {
            Position++;
            long count = 0;
            for (int left = width; left > 0; left--)
            {
                count = (count << 8) | Take(1).At(0);
            }
            return Counted(count, itemBytes);
        }

        /// <summary>Takes a length that is in its mark.</summary>
        private int Brief(int count, int itemBytes)
        {
            Position++;
            return Counted(count, itemBytes);
        }

        /// <summary>A length over what is left is a lie, and no memory is taken for it.</summary>
        private int Counted(long count, int itemBytes)
        {
            if (count * itemBytes > _bytes.Length - Position)
            {
                throw new MessagePackException("it is cut short");
            }
            return (int)count;
        }

        private byte Peek()
        {
            if (Position >= _bytes.Length)
            {
                throw new MessagePackException("it is cut short");
            }
            return _bytes.At(Position);
        }

        private ReadOnlySpan<byte> Take(int nBytes)
        {
            if (nBytes > _bytes.Length - Position)
            {
                throw new MessagePackException("it is cut short");
            }
            ReadOnlySpan<byte> taken = _bytes.Slice(Position, nBytes);
            Position += nBytes;
            return taken;
        }

        private static bool IsText(byte mark)
        {
            return (mark & 0xe0) == 0xa0 || (mark >= 0xd9 && mark <= 0xdb);
        }

        private static void CheckDepth(int depth)
        {
            if (depth > MessagePackWriter.MaxDepth)
            {
                throw new MessagePackException("maps and lists nest more than 32 deep");
            }
        }

        private static long Exact(long number)
        {
            if (number > MessagePackWriter.MaxWhole || number < -MessagePackWriter.MaxWhole)
            {
                throw new MessagePackException("a whole number is beyond 2^53 - 1");
            }
            return number;
        }

        private static double Finite(double number)
        {
            if (double.IsNaN(number) || double.IsInfinity(number))
            {
                throw new MessagePackException("a number is not finite");
            }
            return number;
        }

        internal static string Text(ReadOnlySpan<byte> utf8)
        {
            try
            {
                return _utf8.GetString(utf8);
            }
            catch (DecoderFallbackException)
            {
                throw new MessagePackException("a text is not UTF-8");
            }
        }
    }
}
