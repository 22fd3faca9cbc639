using System.Buffers;
using System.Collections.Generic;
using System.Threading;

namespace VRBridge.Core
{
    /// <summary>Messages that arrived and were not looked at yet; when it is full the line has to wait.</summary>
    internal sealed class MessageQueue
    {
        private const int _capacity = 32;

        private readonly object _lock = new object();
        private readonly Queue<SocketMessage> _messages = new Queue<SocketMessage>(_capacity);
        private readonly SemaphoreSlim _room = new SemaphoreSlim(_capacity);
        private byte[] _lent;
        private volatile bool _isClosed;

        /// <summary>Adds a message as soon as there is room; the queue frees its buffer.</summary>
        internal void Add(in SocketMessage message)
        {
            _room.Wait();
            lock (_lock)
            {
                if (_isClosed)
                {
                    ArrayPool<byte>.Shared.Return(message.Buffer);
                    _room.Release();
                    return;
                }
                _messages.Enqueue(message);
            }
        }

        /// <summary>Takes the next message, whose buffer is valid until the next call.</summary>
        internal bool TryTake(out SocketMessage message)
        {
            if (_lent != null)
            {
                ArrayPool<byte>.Shared.Return(_lent);
                _lent = null;
            }
            lock (_lock)
            {
                if (_messages.Count == 0)
                {
                    message = default;
                    return false;
                }
                message = _messages.Dequeue();
            }
            _lent = message.Buffer;
            if (!_isClosed)
            {
                _room.Release();
            }
            return true;
        }

        /// <summary>Takes no more, and lets those go that wait for room; what is there can still be taken.</summary>
        internal void Close()
        {
            lock (_lock)
            {
                if (_isClosed)
                {
                    return;
                }
                _isClosed = true;
            }
            _room.Release(_capacity);
        }
    }
}
