using System;
using System.Collections.Generic;

namespace VRBridge.Core.Tests
{
    /// <summary>A socket whose other end is the test.</summary>
    internal sealed class FakeSocket : IWebSocket
    {
        private readonly Queue<SocketMessage> _waiting = new Queue<SocketMessage>();

        public SocketState State { get; set; } = SocketState.Closed;

        public int CloseCode { get; set; }

        public string CloseReason { get; set; } = "";

        public Action Woken { get; set; }

        /// <summary>What was sent over the present connection.</summary>
        internal List<BridgeMap> Sent { get; } = new List<BridgeMap>();

        /// <summary>Messages that nobody has taken yet.</summary>
        internal int NWaiting => _waiting.Count;

        internal int NOpened { get; private set; }

        /// <summary>Where the present connection goes.</summary>
        internal string Url { get; private set; }

        /// <summary>What this side closes with; 0 if it doesn't.</summary>
        internal int ClosedWith { get; private set; }

        internal bool IsAddress { get; set; } = true;

        internal bool IsFull { get; set; }

        /// <summary>What looking for messages ends in; null for messages.</summary>
        internal Exception Fault { get; set; }

        internal bool IsDisposed { get; private set; }

        public bool Open(string url)
        {
            NOpened++;
            Url = url;
            Sent.Clear();
            _waiting.Clear();
            ClosedWith = 0;
            State = Fault == null ? SocketState.Opening : SocketState.Open;
            return IsAddress;
        }

        public bool TryReceive(out SocketMessage message)
        {
            if (Fault != null)
            {
                throw Fault;
            }
            bool isThere = _waiting.Count > 0;
            message = isThere ? _waiting.Dequeue() : default;
            return isThere;
        }

        public bool TrySend(ReadOnlySpan<byte> message)
        {
            if (!IsFull)
            {
                Sent.Add(MessagePackReader.Decode(message).AsMap());
            }
            return !IsFull;
        }

        public void Close(int code, string reason)
        {
            ClosedWith = code;
        }

        public void Abort()
        {
            State = SocketState.Closed;
            _waiting.Clear();
        }

        public void Dispose()
        {
            IsDisposed = true;
        }

        /// <summary>Has a message arrive.</summary>
        internal void Say(byte[] bytes, bool isText = false)
        {
            _waiting.Enqueue(new SocketMessage(bytes, bytes.Length, isText));
        }

        internal List<BridgeMap> SentOf(string type)
        {
            return Sent.FindAll(message => message.Text("type") == type);
        }
    }
}
