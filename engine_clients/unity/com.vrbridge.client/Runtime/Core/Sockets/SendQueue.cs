using System;
using System.Buffers;
using System.Collections.Generic;
using System.IO;
using System.Text;
using System.Threading.Tasks;

namespace VRBridge.Core
{
    /// <summary>Frames on their way into a connection, which takes one at a time.</summary>
    internal sealed class SendQueue
    {
        private const int _maxBytes = 2 << 20;

        // Of more pings than this whose answers are not taken, the older ones stay without.
        private const int _maxPongs = 256;

        private readonly object _lock = new object();
        private readonly Queue<ArraySegment<byte>> _pongs = new Queue<ArraySegment<byte>>();
        private readonly Queue<ArraySegment<byte>> _waiting = new Queue<ArraySegment<byte>>();
        private readonly FrameWriter _writer = new FrameWriter();
        private readonly TaskCompletionSource<bool> _closed =
            new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);

        private readonly Stream _stream;
        private int _waitingBytes;
        private bool _isSending;
        private bool _isClosing;
        private bool _isStopped;

        internal SendQueue(Stream stream)
        {
            _stream = stream;
        }

        /// <summary>Adds a copy of a message; false if too much waits already.</summary>
        internal bool TryAdd(ReadOnlySpan<byte> message)
        {
            lock (_lock)
            {
                bool isFull = _waitingBytes > 0 && _waitingBytes + message.Length > _maxBytes;
                if (isFull || _isStopped || _isClosing)
                {
                    return false;
                }
                Add(_waiting, _writer.Frame(FrameKind.Binary, message));
            }
            Go();
            return true;
        }

        /// <summary>Answers a ping, before any message that waits.</summary>
        internal void AddPong(ReadOnlySpan<byte> body)
        {
            lock (_lock)
            {
                if (_isStopped || _isClosing)
                {
                    return;
                }
                if (_pongs.Count >= _maxPongs)
                {
                    Free(_pongs.Dequeue());
                }
                Add(_pongs, _writer.Frame(FrameKind.Pong, body));
            }
            Go();
        }

        /// <summary>Says farewell behind what waits, once; the task ends when that is said or can't be.</summary>
        internal Task Close(int code, string reason)
        {
            byte[] text = Encoding.UTF8.GetBytes(reason);
            var body = new byte[2 + text.Length];
            body[0] = (byte)(code >> 8);
            body[1] = unchecked((byte)code);
            text.CopyTo(body, 2);
            lock (_lock)
            {
                if (_isClosing || _isStopped)
                {
                    return _closed.Task;
                }
                Add(_waiting, _writer.Frame(FrameKind.Close, body));
                _isClosing = true;
            }
            Go();
            return _closed.Task;
        }

        /// <summary>Frees what waits: nobody takes it any more.</summary>
        internal void Stop()
        {
            lock (_lock)
            {
                if (!_isStopped)
                {
                    _isStopped = true;
                    Free(_pongs);
                    Free(_waiting);
                    _writer.Dispose();
                }
            }
            _closed.TrySetResult(false);
        }

        private void Add(Queue<ArraySegment<byte>> queue, ArraySegment<byte> frame)
        {
            queue.Enqueue(frame);
            _waitingBytes += frame.Count;
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
                while (TryNext(out ArraySegment<byte> frame))
                {
                    await _stream.WriteAsync(frame.Array, 0, frame.Count).ConfigureAwait(false);
                    ArrayPool<byte>.Shared.Return(frame.Array);
                }
            }
            catch (Exception fault) when (NativeConnection.IsLoss(fault))
            {
                // Whoever receives is told of the same loss.
                Stop();
            }
        }

        private bool TryNext(out ArraySegment<byte> frame)
        {
            lock (_lock)
            {
                Queue<ArraySegment<byte>> queue = _pongs.Count > 0 ? _pongs : _waiting;
                if (_isStopped || queue.Count == 0)
                {
                    frame = default;
                    _isSending = false;
                    if (_isClosing)
                    {
                        _closed.TrySetResult(true);
                    }
                    return false;
                }
                frame = queue.Dequeue();
                _waitingBytes -= frame.Count;
                return true;
            }
        }

        private void Free(Queue<ArraySegment<byte>> queue)
        {
            while (queue.Count > 0)
            {
                Free(queue.Dequeue());
            }
        }

        private void Free(ArraySegment<byte> frame)
        {
            _waitingBytes -= frame.Count;
            ArrayPool<byte>.Shared.Return(frame.Array);
        }
    }
}
