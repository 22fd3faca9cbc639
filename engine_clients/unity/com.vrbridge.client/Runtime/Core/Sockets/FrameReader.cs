using System;
using System.IO;

namespace VRBridge.Core
{
    /// <summary>Kinds of WebSocket frames (RFC 6455, section 11.8).</summary>
    internal static class FrameKind
    {
        internal const int Continuation = 0;
        internal const int Text = 1;
        internal const int Binary = 2;
        internal const int Close = 8;
        internal const int Ping = 9;
        internal const int Pong = 10;
    }

    /// <summary>Reads the frames that a server sends (RFC 6455, section 5).</summary>
    internal sealed class FrameReader
    {
        private const int _bufferBytes = 64 << 10;
        private const int _maxControlBytes = 125;

        private readonly Stream _stream;
        private readonly byte[] _buffer = new byte[_bufferBytes];
        private int _start;
        private int _end;

        internal FrameReader(Stream stream)
        {
            _stream = stream;
        }

        /// <summary>What the frame is.</summary>
        internal int Kind { get; private set; }

        /// <summary>Whether its message ends with it.</summary>
        internal bool IsLast { get; private set; }

        /// <summary>How long its body is, which has to be read next.</summary>
        internal long Length { get; private set; }

        /// <summary>Whether it is about the connection and no message.</summary>
        internal bool IsControl => Kind >= FrameKind.Close;

        /// <summary>Reads the head of the next frame.</summary>
        /// <exception cref="InvalidDataException">If it is none that a server may send.</exception>
        internal void ReadHead()
        {
            int first = ReadByte();
            int second = ReadByte();
            Kind = first & 0x0f;
            IsLast = first >= 0x80;
            Length = second & 0x7f;
            if (Length == 126)
            {
                Length = (ReadByte() << 8) | ReadByte();
            }
            else if (Length == 127)
            {
                Length = 0;
                for (int index = 0; index < 8; index++)
                {
                    Length = (Length << 8) | (long)ReadByte();
                }
            }
            bool isKnown = Kind <= FrameKind.Binary || (Kind >= FrameKind.Close && Kind <= FrameKind.Pong);
            bool isWhole = !IsControl || (IsLast && Length <= _maxControlBytes);
            // No extension was agreed on that would use the other bits, and a server masks nothing.
            if (!isKnown || !isWhole || Length < 0 || (first & 0x70) != 0 || second >= 0x80)
            {
                throw new InvalidDataException("a broken frame");
            }
        }

        /// <summary>Reads the next part of the body into a place.</summary>
        internal void Read(byte[] place, int offset, int count)
        {
            while (count > 0)
            {
                int n = Math.Min(count, _end - _start);
                if (n == 0 && count >= _bufferBytes)
                {
                    // Long bodies need no detour.
                    n = ReadSome(place, offset, count);
                }
                else if (n == 0)
                {
                    Fill();
                }
                else
                {
                    Buffer.BlockCopy(_buffer, _start, place, offset, n);
                    _start += n;
                }
                offset += n;
                count -= n;
            }
        }

        private int ReadByte()
        {
            if (_start == _end)
            {
                Fill();
            }
            return _buffer[_start++];
        }

        private void Fill()
        {
            _start = 0;
            _end = 0;
            _end = ReadSome(_buffer, 0, _buffer.Length);
        }

        private int ReadSome(byte[] place, int offset, int count)
        {
            int n = _stream.Read(place, offset, count);
            return n > 0 ? n : throw new EndOfStreamException();
        }
    }
}
