using System;

namespace VRBridge.Core
{
    /// <summary>
    /// A <c>chunk</c> message, read where it lies: nothing is copied and no memory is taken.
    /// </summary>
    internal readonly ref struct ChunkMessage
    {
        private static readonly byte[] _type = { (byte)'t', (byte)'y', (byte)'p', (byte)'e' };
        private static readonly byte[] _chunk = { (byte)'c', (byte)'h', (byte)'u', (byte)'n', (byte)'k' };
        private static readonly byte[] _asset = { (byte)'a', (byte)'s', (byte)'s', (byte)'e', (byte)'t' };
        private static readonly byte[] _offset = { (byte)'o', (byte)'f', (byte)'f', (byte)'s', (byte)'e', (byte)'t' };
        private static readonly byte[] _data = { (byte)'d', (byte)'a', (byte)'t', (byte)'a' };

        private ChunkMessage(long asset, long offset, ReadOnlySpan<byte> data)
        {
            Asset = asset;
            Offset = offset;
            Data = data;
        }

        /// <summary>Number of the asset in the session; -1 if it is missing.</summary>
        internal long Asset { get; }

        /// <summary>Where in the asset the data belongs; -1 if it is missing.</summary>
        internal long Offset { get; }

        /// <summary>A piece of the asset; valid as long as the message.</summary>
        internal ReadOnlySpan<byte> Data { get; }

        /// <summary>Reads a message; false if it is another one, which the server tells in its first field.</summary>
        /// <exception cref="MessagePackException">If it is a chunk's and malformed.</exception>
        internal static bool TryRead(ReadOnlySpan<byte> message, out ChunkMessage chunk)
        {
            chunk = default;
            if (!IsChunk(message))
            {
                return false;
            }
            var reader = new MessagePackReader(message);
            int nFields = reader.ReadMapHead();
            long asset = -1;
            long offset = -1;
            ReadOnlySpan<byte> data = default;
            for (int field = 0; field < nFields; field++)
            {
                ReadOnlySpan<byte> key = reader.ReadTextBytes();
                bool isRead = (key.SequenceEqual(_asset) && reader.TryReadWhole(out asset))
                    || (key.SequenceEqual(_offset) && reader.TryReadWhole(out offset))
                    || (key.SequenceEqual(_data) && reader.TryReadBytes(out data));
                if (!isRead)
                {
                    reader.Skip();
                }
            }
            if (!reader.IsAtEnd)
            {
                throw new MessagePackException("there are bytes after the end");
            }
            chunk = new ChunkMessage(asset, offset, data);
            return true;
        }

        private static bool IsChunk(ReadOnlySpan<byte> message)
        {
            // A map of up to 15 fields, then the two texts with their marks.
            return message.Length > 11
                && (message.At(0) & 0xf0) == 0x80
                && (message.At(0) & 0x0f) > 0
                && message.At(1) == 0xa4
                && message.Slice(2, 4).SequenceEqual(_type)
                && message.At(6) == 0xa5
                && message.Slice(7, 5).SequenceEqual(_chunk);
        }
    }
}
