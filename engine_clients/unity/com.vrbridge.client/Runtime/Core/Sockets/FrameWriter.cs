using System;
using System.Buffers;
using System.Security.Cryptography;

namespace VRBridge.Core
{
    /// <summary>
    /// Makes the frames that a client sends, each whole and with a mask of its own (RFC 6455, section 5.3).
    /// </summary>
    internal sealed class FrameWriter : IDisposable
    {
        private const int _maxHeadBytes = 14;
        private const int _maskBytes = 4;

        private readonly RandomNumberGenerator _random = RandomNumberGenerator.Create();
        private readonly byte[] _mask = new byte[_maskBytes];

        public void Dispose()
        {
            _random.Dispose();
        }

        /// <summary>
        /// Returns a frame in a pooled buffer, which has to be given back. Not for several threads at once.
        /// </summary>
        internal ArraySegment<byte> Frame(int kind, ReadOnlySpan<byte> body)
        {
            byte[] frame = ArrayPool<byte>.Shared.Rent(body.Length + _maxHeadBytes);
            int length = WriteHead(frame, kind, body.Length);
            _random.GetBytes(_mask);
            Buffer.BlockCopy(_mask, 0, frame, length, _maskBytes);
            length += _maskBytes;
            body.CopyTo(frame.AsSpan(length));
            for (int index = 0; index < body.Length; index++)
            {
                frame[length + index] ^= _mask[index & 3];
            }
            return new ArraySegment<byte>(frame, 0, length + body.Length);
        }

        private static int WriteHead(byte[] frame, int kind, int nBytes)
        {
            frame[0] = (byte)(0x80 | kind);
            if (nBytes < 126)
            {
                frame[1] = (byte)(0x80 | nBytes);
                return 2;
            }
            int nWide = nBytes <= ushort.MaxValue ? 2 : 8;
            frame[1] = (byte)(0x80 | (nWide == 2 ? 126 : 127));
            for (int index = 0; index < nWide; index++)
            {
                frame[2 + index] = (byte)((long)nBytes >> (8 * (nWide - 1 - index)));
            }
            return 2 + nWide;
        }
    }
}
