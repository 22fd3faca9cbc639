using System;
using System.Buffers;
using System.Collections.Generic;

namespace VRBridge.Core
{
    /// <summary>
    /// Messages that wait to be sent over the present connection, and what has to be said again on the next.
    /// </summary>
    internal sealed class Outbox : IDisposable
    {
        // Messages that belong to no request and wait for a connection that takes nothing.
        private const int _maxWaiting = 1024;

        // Answers whose hearing is told again on a new connection, since nothing says that it arrived.
        private const int _maxHeard = 32;

        private readonly Queue<Entry> _waiting = new Queue<Entry>();
        private readonly List<Heard> _heard = new List<Heard>();
        private readonly MessagePackWriter _writer = new MessagePackWriter();

        /// <summary>Whether too much waits already.</summary>
        internal bool IsFull => _waiting.Count >= _maxWaiting;

        /// <summary>Whether something waits.</summary>
        internal bool HasNext => _waiting.Count > 0;

        /// <summary>The next message, which stays the next one until <see cref="Sent"/>.</summary>
        internal ReadOnlySpan<byte> Next
        {
            get
            {
                Entry entry = _waiting.Peek();
                return new ReadOnlySpan<byte>(entry.Buffer, 0, entry.Length);
            }
        }

        /// <summary>Gives the buffers back.</summary>
        public void Dispose()
        {
            Clear();
            _writer.Dispose();
        }

        /// <summary>Notes that the next message was sent.</summary>
        internal void Sent()
        {
            _waiting.Dequeue().Free();
        }

        /// <summary>Forgets what waits; it is built again for the next connection.</summary>
        internal void Clear()
        {
            while (_waiting.Count > 0)
            {
                _waiting.Dequeue().Free();
            }
        }

        /// <summary>Adds a message that somebody else keeps.</summary>
        internal void AddKept(byte[] message)
        {
            _waiting.Enqueue(new Entry(message, message.Length, false));
        }

        /// <summary>Adds a copy of a message.</summary>
        internal void Add(ReadOnlySpan<byte> message)
        {
            byte[] buffer = ArrayPool<byte>.Shared.Rent(message.Length);
            message.CopyTo(buffer);
            _waiting.Enqueue(new Entry(buffer, message.Length, true));
        }

        /// <summary>Adds a message.</summary>
        internal void Add(BridgeMap message)
        {
            _writer.Clear();
            _writer.WriteValue(message);
            Add(_writer.Written);
        }

        /// <summary>Adds a message with one whole number.</summary>
        internal void Add(string type, string field, long number)
        {
            Begin(type, 2);
            _writer.WriteText(field);
            _writer.WriteWhole(number);
            Add(_writer.Written);
        }

        /// <summary>Asks the server to erase what it has stored.</summary>
        internal void AddForget(string scope)
        {
            Begin("forget", 2);
            _writer.WriteText("scope");
            _writer.WriteText(scope);
            Add(_writer.Written);
        }

        /// <summary>Adds a <c>ping</c>.</summary>
        internal void AddPing(double t)
        {
            Begin("ping", 2);
            _writer.WriteText("t");
            _writer.WriteNumber(t);
            Add(_writer.Written);
        }

        /// <summary>
        /// Keeps in mind how much of an answer was read, so that it is said again on the next connection.
        /// </summary>
        internal void NoteHeard(long requestId, long nCharacters)
        {
            _heard.RemoveAll(heard => heard.RequestId == requestId);
            _heard.Add(new Heard(requestId, nCharacters));
            if (_heard.Count > _maxHeard)
            {
                _heard.RemoveAt(0);
            }
        }

        /// <summary>Says how much of an answer was read.</summary>
        internal void AddHeard(long requestId, long nCharacters)
        {
            Begin("heard", 3);
            _writer.WriteText("id");
            _writer.WriteWhole(requestId);
            _writer.WriteText("characters");
            _writer.WriteWhole(nCharacters);
            Add(_writer.Written);
        }

        /// <summary>Adds what was read of answers once more.</summary>
        internal void AddHeardAgain()
        {
            foreach (Heard heard in _heard)
            {
                AddHeard(heard.RequestId, heard.NCharacters);
            }
        }

        /// <summary>Forgets the answers of a session that is gone.</summary>
        internal void ForgetHeard()
        {
            _heard.Clear();
        }

        private void Begin(string type, int nFields)
        {
            _writer.Clear();
            _writer.WriteMapHead(nFields);
            _writer.WriteText("type");
            _writer.WriteText(type);
        }

        private readonly struct Entry
        {
            internal Entry(byte[] buffer, int length, bool isPooled)
            {
                Buffer = buffer;
                Length = length;
                IsPooled = isPooled;
            }

            internal byte[] Buffer { get; }

            internal int Length { get; }

            private bool IsPooled { get; }

            internal void Free()
            {
                if (IsPooled)
                {
                    ArrayPool<byte>.Shared.Return(Buffer);
                }
            }
        }

        private readonly struct Heard
        {
            internal Heard(long requestId, long nCharacters)
            {
                RequestId = requestId;
                NCharacters = nCharacters;
            }

            internal long RequestId { get; }

            internal long NCharacters { get; }
        }
    }
}
