using System;
using System.Buffers;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

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
        internal async ValueTask AddAsync(SocketMessage message)
        {
            if (!_room.Wait(0))
            {
                await _room.WaitAsync().ConfigureAwait(false);
            }
            lock (_lock)
            {
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

        /// <summary>Lets those go that wait for room: nothing more comes.</summary>
        internal void Close()
        {
            if (!_isClosed)
            {
                _isClosed = true;
                _room.Release(_capacity);
            }
        }
    }
}
