using System;
using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace VRBridge.Core
{
    /// <summary>
    /// Writes MessagePack as the bridge speaks it: nil, bool, int, float, str, bin, array, map.
    /// </summary>
    /// <remarks>
    /// One writer is used again and again: its buffer grows to the longest message and stays. It is not for several
    /// threads at once.
    /// </remarks>
    public sealed class MessagePackWriter : IDisposable
    {
        /// <summary>Maps and arrays nest at most this deep.</summary>
        public const int MaxDepth = 32;

        /// <summary>Largest whole number that every engine holds exactly; the smallest is its negative.</summary>
        public const long MaxWhole = (1L << 53) - 1;

        private const int _firstBytes = 256;

        private static readonly UTF8Encoding _utf8 = new UTF8Encoding(false, true);

        private byte[] _buffer = ArrayPool<byte>.Shared.Rent(_firstBytes);

        /// <summary>How many bytes were written since <see cref="Clear"/>.</summary>
        public int Length { get; private set; }

        /// <summary>What was written since <see cref="Clear"/>; valid until the next call.</summary>
        public ReadOnlySpan<byte> Written => new ReadOnlySpan<byte>(_buffer, 0, Length);

        /// <summary>Returns the bytes of a value.</summary>
        /// <exception cref="MessagePackException">If it has no place on the wire.</exception>
        public static byte[] Encode(in BridgeValue value)
        {
            using var writer = new MessagePackWriter();
            writer.WriteValue(value);
            return writer.Written.ToArray();
        }

        /// <summary>Begins anew, in the same buffer.</summary>
        public void Clear()
        {
            Length = 0;
        }

        /// <summary>Gives the buffer back; the writer can't be used any more.</summary>
        public void Dispose()
        {
            if (_buffer.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(_buffer);
                _buffer = Array.Empty<byte>();
                Length = 0;
            }
        }

        /// <summary>Writes nothing's mark.</summary>
        public void WriteNil()
        {
            Grow(1);
            _buffer[Length++] = 0xc0;
        }

        /// <summary>Writes a truth value.</summary>
        public void WriteTruth(bool truth)
        {
            Grow(1);
            _buffer[Length++] = truth ? (byte)0xc3 : (byte)0xc2;
        }

        /// <summary>Writes a whole number, as narrow as it goes.</summary>
        /// <exception cref="MessagePackException">If it is beyond <see cref="MaxWhole"/>.</exception>
        public void WriteWhole(long number)
        {
            if (number > MaxWhole || number < -MaxWhole)
            {
                throw new MessagePackException("a whole number is beyond 2^53 - 1");
            }
            Grow(9);
            if (number >= 0)
            {
                WritePositive(number);
            }
            else
            {
                WriteNegative(number);
            }
        }

        /// <summary>Writes a number as a 64-bit float.</summary>
        /// <exception cref="MessagePackException">If it is not finite.</exception>
        public void WriteNumber(double number)
        {
            if (double.IsNaN(number) || double.IsInfinity(number))
            {
                throw new MessagePackException("a number is not finite");
            }
            Grow(9);
            _buffer[Length] = 0xcb;
            BinaryPrimitives.WriteInt64BigEndian(
                _buffer.AsSpan(Length + 1), BitConverter.DoubleToInt64Bits(number));
            Length += 9;
        }

        /// <summary>Writes a number as a 32-bit float, which is exact for what engines hold in 32 bits.</summary>
        /// <exception cref="MessagePackException">If it is not finite.</exception>
        public void WriteSingle(float number)
        {
            if (float.IsNaN(number) || float.IsInfinity(number))
            {
                throw new MessagePackException("a number is not finite");
            }
            Grow(5);
            _buffer[Length] = 0xca;
            BinaryPrimitives.WriteInt32BigEndian(
                _buffer.AsSpan(Length + 1), BitConverter.SingleToInt32Bits(number));
            Length += 5;
        }

        /// <summary>Writes a text.</summary>
        /// <exception cref="MessagePackException">If it holds half of a surrogate pair.</exception>
        public void WriteText(string text)
        {
            try
            {
                int nBytes = _utf8.GetByteCount(text);
                WriteHead(nBytes, 0xa0, 32, 0xd9, 0xda, 0xdb);
                Grow(nBytes);
                Length += _utf8.GetBytes(text, 0, text.Length, _buffer, Length);
            }
            catch (EncoderFallbackException)
            {
                throw new MessagePackException("a text is not valid Unicode");
            }
        }

        /// <summary>Writes bytes.</summary>
        public void WriteBytes(ReadOnlySpan<byte> bytes)
        {
            WriteHead(bytes.Length, 0, 0, 0xc4, 0xc5, 0xc6);
            Grow(bytes.Length);
            bytes.CopyTo(_buffer.AsSpan(Length));
            Length += bytes.Length;
        }

        /// <summary>Begins an array: so many values follow.</summary>
        public void WriteListHead(int count)
        {
            WriteHead(count, 0x90, 16, 0, 0xdc, 0xdd);
        }

        /// <summary>Begins a map: so many pairs of a text and a value follow.</summary>
        public void WriteMapHead(int count)
        {
            WriteHead(count, 0x80, 16, 0, 0xde, 0xdf);
        }

        /// <summary>Writes any value.</summary>
        /// <exception cref="MessagePackException">If it has no place on the wire.</exception>
        public void WriteValue(in BridgeValue value)
        {
            WriteValue(value, 0);
        }

        private void WriteValue(in BridgeValue value, int depth)
        {
            if (depth > MaxDepth)
            {
                throw new MessagePackException("maps and lists nest more than 32 deep");
            }
            switch (value.Kind)
            {
                case BridgeKind.Nil:
                    WriteNil();
                    break;
                case BridgeKind.Truth:
                    WriteTruth(value.AsTruth());
                    break;
                case BridgeKind.Whole:
                    WriteWhole(value.AsWhole());
                    break;
                case BridgeKind.Number:
                    WriteNumber(value.AsNumber());
                    break;
                case BridgeKind.Text:
                    WriteText(value.AsText());
                    break;
                case BridgeKind.Bytes:
                    WriteBytes(value.AsBytes());
                    break;
                case BridgeKind.List:
                    WriteList(value.AsList(), depth);
                    break;
                default:
                    WriteMap(value.AsMap(), depth);
                    break;
            }
        }

        private void WriteList(BridgeList list, int depth)
        {
            WriteListHead(list.Count);
            for (int index = 0; index < list.Count; index++)
            {
                WriteValue(list[index], depth + 1);
            }
        }

        private void WriteMap(BridgeMap map, int depth)
        {
            WriteMapHead(map.Count);
            for (int index = 0; index < map.Count; index++)
            {
                WriteText(map.KeyAt(index));
                WriteValue(map.ValueAt(index), depth + 1);
            }
        }

        private void WritePositive(long number)
        {
            if (number < 0x80)
            {
                _buffer[Length++] = (byte)number;
            }
            else if (number <= byte.MaxValue)
            {
                WriteMarked(0xcc, (ulong)number, 1);
            }
            else if (number <= ushort.MaxValue)
            {
                WriteMarked(0xcd, (ulong)number, 2);
            }
            else if (number <= uint.MaxValue)
            {
                WriteMarked(0xce, (ulong)number, 4);
            }
            else
            {
                WriteMarked(0xcf, (ulong)number, 8);
            }
        }

        private void WriteNegative(long number)
        {
            if (number >= -0x20)
            {
                _buffer[Length++] = unchecked((byte)number);
            }
            else if (number >= sbyte.MinValue)
            {
                WriteMarked(0xd0, unchecked((ulong)number), 1);
            }
            else if (number >= short.MinValue)
            {
                WriteMarked(0xd1, unchecked((ulong)number), 2);
            }
            else if (number >= int.MinValue)
            {
                WriteMarked(0xd2, unchecked((ulong)number), 4);
            }
            else
            {
                WriteMarked(0xd3, unchecked((ulong)number), 8);
            }
        }

        /// <summary>
        /// Writes a length: in the low bits of <paramref name="brief"/> below <paramref name="nBrief"/>, else behind
        /// the mark of the narrowest width there is (0: there is none).
        /// </summary>
        private void WriteHead(int length, byte brief, int nBrief, byte mark8, byte mark16, byte mark32)
        {
            Grow(5);
            if (length < nBrief)
            {
                _buffer[Length++] = (byte)(brief | length);
            }
            else if (length <= byte.MaxValue && mark8 != 0)
            {
                WriteMarked(mark8, (ulong)length, 1);
            }
            else if (length <= ushort.MaxValue)
            {
                WriteMarked(mark16, (ulong)length, 2);
            }
            else
            {
                WriteMarked(mark32, (ulong)length, 4);
            }
        }

        private void WriteMarked(byte mark, ulong bits, int width)
        {
            _buffer[Length++] = mark;
            for (int shift = 8 * (width - 1); shift >= 0; shift -= 8)
            {
                _buffer[Length++] = unchecked((byte)(bits >> shift));
            }
        }

        private void Grow(int nBytes)
        {
            if (Length + nBytes <= _buffer.Length)
            {
                return;
            }
            byte[] longer = ArrayPool<byte>.Shared.Rent(Math.Max(Length + nBytes, 2 * _buffer.Length));
            Buffer.BlockCopy(_buffer, 0, longer, 0, Length);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = longer;
        }
    }
}
