using System;
using System.Collections.Generic;
using System.Security.Cryptography;

namespace VRBridge.Core.Tests
{
    /// <summary>
    /// A socket whose other end is a scripted server in the same memory, which sends one endless asset.
    /// </summary>
    internal sealed class LoopSocket : IWebSocket
    {
        private const int _chunkBytes = 64 << 10;

        private readonly Queue<byte[]> _waiting = new Queue<byte[]>();
        private readonly byte[] _data = new byte[_chunkBytes];
        private readonly MessagePackWriter _writer = new MessagePackWriter();
        private readonly byte[] _chunk = new byte[_chunkBytes + 256];
        private int _offset;

        public SocketState State { get; private set; } = SocketState.Closed;

        public int CloseCode => 1006;

        public string CloseReason => "";

        public Action Woken { get; set; }

        /// <summary>Whether the next call finds a chunk.</summary>
        internal bool HasChunk { get; set; }

        internal int NSent { get; private set; }

        public bool Open(string url)
        {
            State = SocketState.Open;
            Say(new BridgeMap { { "type", "welcome" }, { "version", 1 }, { "session", "s" } });
            return true;
        }

        public bool TryReceive(out SocketMessage message)
        {
            if (_waiting.Count > 0)
            {
                byte[] next = _waiting.Dequeue();
                message = new SocketMessage(next, next.Length, false);
                return true;
            }
            message = HasChunk ? NextChunk() : default;
            bool hadChunk = HasChunk;
            HasChunk = false;
            return hadChunk;
        }

        public bool TrySend(ReadOnlySpan<byte> message)
        {
            NSent++;
            return true;
        }

        public void Close(int code, string reason)
        {
            State = SocketState.Closed;
        }

        public void Abort()
        {
            State = SocketState.Closed;
        }

        public void Dispose()
        {
            _writer.Dispose();
        }

        internal void Announce(int number, int nBytes)
        {
            _offset = 0;
            Say(new BridgeMap
            {
                { "type", "asset" }, { "seq", number }, { "id", 1 }, { "asset", number }, { "role", "base_color" },
                { "media_type", "image/ktx2" }, { "bytes", nBytes }, { "digest", DigestOf(nBytes) },
            });
            Number = number;
        }

        internal int Number { get; private set; }

        internal void Say(BridgeMap message)
        {
            _waiting.Enqueue(MessagePackWriter.Encode(message));
        }

        private SocketMessage NextChunk()
        {
            _writer.Clear();
            _writer.WriteMapHead(4);
            _writer.WriteText("type");
            _writer.WriteText("chunk");
            _writer.WriteText("asset");
            _writer.WriteWhole(Number);
            _writer.WriteText("offset");
            _writer.WriteWhole(_offset);
            _writer.WriteText("data");
            _writer.WriteBytes(_data);
            _writer.Written.CopyTo(_chunk);
            _offset += _chunkBytes;
            return new SocketMessage(_chunk, _writer.Length, false);
        }

        private static string DigestOf(int nBytes)
        {
            using SHA256 hash = SHA256.Create();
            byte[] digest = hash.ComputeHash(new byte[nBytes]);
            return "sha256:" + BitConverter.ToString(digest).Replace("-", "").ToLowerInvariant();
        }
    }
}
