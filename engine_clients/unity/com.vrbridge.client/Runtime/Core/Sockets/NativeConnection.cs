using System;
using System.Buffers;
using System.Net.WebSockets;
using System.Threading;
using System.Threading.Tasks;

namespace VRBridge.Core
{
    /// <summary>One connection of a <see cref="NativeSocket"/>.</summary>
    /// <remarks>
    /// Mono's client ignores a cancelled handshake and takes a cancelled receive for an abort, so that nothing is ever
    /// cancelled here: whoever waits too long aborts, and what comes of it is told to nobody.
    /// </remarks>
    internal sealed class NativeConnection
    {
        /// <summary>The close code of a connection that was cut.</summary>
        internal const int Cut = 1006;

        private const string _subprotocol = "vrbridge.v1";
        private const int _tooLong = 1009;
        private const int _closeTimeoutMs = 2000;

        // Longest message: far more than the server's longest, a chunk or a welcome.
        private const int _maxMessageBytes = 8 << 20;

        // A chunk of the usual size and what is around it.
        private const int _firstBytes = (64 << 10) + 256;

        private readonly ClientWebSocket _socket = new ClientWebSocket();
        private readonly MessageQueue _arrived = new MessageQueue();
        private readonly SendQueue _outgoing;
        private readonly Action _wake;
        private volatile bool _isAborted;
        private volatile bool _isClosing;
        private int _state = (int)SocketState.Opening;

        internal NativeConnection(Action wake)
        {
            _wake = wake;
            _outgoing = new SendQueue(_socket);
            _socket.Options.AddSubProtocol(_subprotocol);
        }

        internal SocketState State => (SocketState)Volatile.Read(ref _state);

        internal int CloseCode { get; private set; } = Cut;

        internal string CloseReason { get; private set; } = "";

        /// <summary>Whether this side has begun to close.</summary>
        internal bool IsClosing => _isClosing;

        /// <summary>Begins to connect.</summary>
        internal void Start(Uri address)
        {
            // Off any synchronization context: a player's main thread waits for nothing here.
            Task.Run(() => RunAsync(address));
        }

        internal bool TryReceive(out SocketMessage message)
        {
            return _arrived.TryTake(out message);
        }

        internal bool TrySend(ReadOnlySpan<byte> message)
        {
            return State == SocketState.Open && _outgoing.TryAdd(message);
        }

        /// <summary>Begins to close; it is broken off if the other side doesn't answer.</summary>
        internal void Close(int code, string reason)
        {
            if (_isClosing || State == SocketState.Closed)
            {
                return;
            }
            _isClosing = true;
            if (State == SocketState.Opening)
            {
                Abort();
                return;
            }
            _outgoing.Close((WebSocketCloseStatus)code, reason);
            Task.Run(AbortLaterAsync);
        }

        /// <summary>Breaks off.</summary>
        internal void Abort()
        {
            _isAborted = true;
            // A queue that waits for room has to end, too.
            _arrived.Close();
            _socket.Abort();
        }

        private async Task RunAsync(Uri address)
        {
            try
            {
                await _socket.ConnectAsync(address, CancellationToken.None).ConfigureAwait(false);
                if (!_isAborted)
                {
                    Volatile.Write(ref _state, (int)SocketState.Open);
                    _wake();
                    await ReceiveAllAsync().ConfigureAwait(false);
                }
            }
            catch (Exception fault) when (IsLoss(fault))
            {
                NoteClose();
            }
            finally
            {
                Volatile.Write(ref _state, (int)SocketState.Closed);
                _arrived.Close();
                _outgoing.Stop();
                _socket.Dispose();
                if (!_isAborted)
                {
                    _wake();
                }
            }
        }

        private async Task ReceiveAllAsync()
        {
            while (!_isAborted)
            {
                byte[] buffer = ArrayPool<byte>.Shared.Rent(_firstBytes);
                int length = 0;
                ValueWebSocketReceiveResult result;
                do
                {
                    if (length == buffer.Length)
                    {
                        buffer = Longer(buffer);
                    }
                    var rest = new Memory<byte>(buffer, length, buffer.Length - length);
                    result = await _socket.ReceiveAsync(rest, CancellationToken.None).ConfigureAwait(false);
                    length += result.Count;
                }
                while (!result.EndOfMessage && length <= _maxMessageBytes);
                if (result.MessageType == WebSocketMessageType.Close)
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                    await AnswerCloseAsync().ConfigureAwait(false);
                    return;
                }
                if (length > _maxMessageBytes)
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                    await CloseTooLongAsync().ConfigureAwait(false);
                    return;
                }
                bool isText = result.MessageType == WebSocketMessageType.Text;
                await _arrived.AddAsync(new SocketMessage(buffer, length, isText)).ConfigureAwait(false);
                _wake();
            }
        }

        private async Task AnswerCloseAsync()
        {
            NoteClose();
            if (!_isClosing)
            {
                _isClosing = true;
                WebSocketCloseStatus status = _socket.CloseStatus ?? WebSocketCloseStatus.NormalClosure;
                await Timely(_outgoing.Close(status, "")).ConfigureAwait(false);
            }
        }

        private async Task CloseTooLongAsync()
        {
            _isClosing = true;
            CloseCode = _tooLong;
            CloseReason = "a message is too long";
            await Timely(_outgoing.Close((WebSocketCloseStatus)_tooLong, CloseReason)).ConfigureAwait(false);
        }

        private void NoteClose()
        {
            if (_socket.CloseStatus.HasValue)
            {
                CloseCode = (int)_socket.CloseStatus.Value;
                CloseReason = _socket.CloseStatusDescription ?? "";
            }
        }

        private async Task AbortLaterAsync()
        {
            await Task.Delay(_closeTimeoutMs).ConfigureAwait(false);
            if (State != SocketState.Closed)
            {
                _arrived.Close();
                _socket.Abort();
            }
        }

        /// <summary>Waits for what could wait for ever, but not for long.</summary>
        private static async Task Timely(Task task)
        {
            await Task.WhenAny(task, Task.Delay(_closeTimeoutMs)).ConfigureAwait(false);
        }

        private static byte[] Longer(byte[] buffer)
        {
            byte[] longer = ArrayPool<byte>.Shared.Rent(2 * buffer.Length);
            Buffer.BlockCopy(buffer, 0, longer, 0, buffer.Length);
            ArrayPool<byte>.Shared.Return(buffer);
            return longer;
        }

        /// <summary>Whether this is how runtimes tell of a connection that is gone or never came about.</summary>
        internal static bool IsLoss(Exception fault)
        {
            return fault is WebSocketException
                || fault is InvalidOperationException
                || fault is OperationCanceledException
                || fault is System.IO.IOException
                || fault is System.Net.WebException
                || fault is System.Net.Sockets.SocketException
                || fault is ArgumentException;
        }
    }
}
