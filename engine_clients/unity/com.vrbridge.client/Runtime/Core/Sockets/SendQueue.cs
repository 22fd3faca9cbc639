using System;
using System.Buffers;
using System.Collections.Generic;
using System.Net.WebSockets;
using System.Threading;
using System.Threading.Tasks;

namespace VRBridge.Core
{
    /// <summary>Messages on their way into a runtime's WebSocket, which takes one at a time.</summary>
    internal sealed class SendQueue
    {
        private const int _maxBytes = 2 << 20;

        private readonly object _lock = new object();
        private readonly Queue<ArraySegment<byte>> _waiting = new Queue<ArraySegment<byte>>();
        private readonly TaskCompletionSource<bool> _closed =
            new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);

        private readonly ClientWebSocket _socket;
        private int _waitingBytes;
        private bool _isSending;
        private bool _isStopped;
        private WebSocketCloseStatus? _closeStatus;
        private string _closeReason;

        internal SendQueue(ClientWebSocket socket)
        {
            _socket = socket;
        }

        /// <summary>Adds a copy of a message; false if too much waits already.</summary>
        internal bool TryAdd(ReadOnlySpan<byte> message)
        {
            lock (_lock)
            {
                if (_isStopped || _closeStatus.HasValue || (_waitingBytes > 0 && _waitingBytes + message.Length > _maxBytes))
                {
                    return false;
                }
                byte[] buffer = ArrayPool<byte>.Shared.Rent(message.Length);
                message.CopyTo(buffer);
                _waiting.Enqueue(new ArraySegment<byte>(buffer, 0, message.Length));
                _waitingBytes += message.Length;
            }
            Go();
            return true;
        }

        /// <summary>Says farewell behind what waits; the task ends when that is said.</summary>
        internal Task Close(WebSocketCloseStatus status, string reason)
        {
            lock (_lock)
            {
                _closeStatus = _closeStatus ?? status;
                _closeReason = _closeReason ?? reason;
            }
            Go();
            return _closed.Task;
        }

        /// <summary>Frees what waits: nobody takes it any more.</summary>
        internal void Stop()
        {
            lock (_lock)
            {
                _isStopped = true;
                while (_waiting.Count > 0)
                {
                    ArrayPool<byte>.Shared.Return(_waiting.Dequeue().Array);
                }
            }
            _closed.TrySetResult(false);
        }

        private void Go()
        {
            lock (_lock)
            {
                if (_isSending || _isStopped)
                {
                    return;
                }
                _isSending = true;
            }
            _ = SendAllAsync();
        }

        private async Task SendAllAsync()
        {
            try
            {
                while (TryNext(out ArraySegment<byte> message))
                {
                    ReadOnlyMemory<byte> bytes = message;
                    await _socket.SendAsync(bytes, WebSocketMessageType.Binary, true, CancellationToken.None)
                        .ConfigureAwait(false);
                    ArrayPool<byte>.Shared.Return(message.Array);
                }
                if (_closeStatus.HasValue)
                {
                    await _socket.CloseOutputAsync(_closeStatus.Value, _closeReason, CancellationToken.None)
                        .ConfigureAwait(false);
                    _closed.TrySetResult(true);
                }
            }
            catch (Exception fault) when (NativeConnection.IsLoss(fault))
            {
                // Whoever receives is told of the same loss.
                Stop();
            }
        }

        /// <summary>Takes the next message; the sending ends where there is none, except for the farewell.</summary>
        private bool TryNext(out ArraySegment<byte> message)
        {
            lock (_lock)
            {
                if (_isStopped || _waiting.Count == 0)
                {
                    message = default;
                    // With a farewell to say it never begins again.
                    _isSending = _closeStatus.HasValue;
                    return false;
                }
                message = _waiting.Dequeue();
                _waitingBytes -= message.Count;
                return true;
            }
        }
    }
}
