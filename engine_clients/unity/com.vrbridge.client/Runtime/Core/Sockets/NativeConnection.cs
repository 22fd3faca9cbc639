using System;
using System.Buffers;
using System.IO;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace VRBridge.Core
{
    /// <summary>One connection of a <see cref="NativeSocket"/>.</summary>
    /// <remarks>
    /// Frames are read and made here: when an answer to a ping and a message meet, the WebSocket client of Mono's family
    /// gives a buffer back that is still being sent, so that the server finds broken frames. It also hides close codes
    /// that are newer than it, and ignores that a handshake was cancelled.
    /// </remarks>
    internal sealed class NativeConnection
    {
        /// <summary>The close code of a connection that was cut.</summary>
        internal const int Cut = 1006;

        private const int _normal = 1000;
        private const int _withoutCode = 1005;
        private const int _broken = 1002;
        private const int _tooLong = 1009;
        private const int _closeTimeoutMs = 2000;

        // An address that nobody answers on must not use up the time that there is for all of them.
        private const int _addressTimeoutMs = 3000;

        // Longest message: far more than the server's longest, a chunk or a welcome.
        private const int _maxMessageBytes = 8 << 20;

        // A chunk of the usual size and what is around it.
        private const int _firstBytes = (64 << 10) + 256;
        private const int _maxControlBytes = 125;

        private readonly MessageQueue _arrived = new MessageQueue();
        private readonly byte[] _control = new byte[_maxControlBytes];
        private readonly Action _wake;
        private volatile TcpClient _client;
        private SendQueue _outgoing;
        private FrameReader _reader;
        private byte[] _message;
        private int _length;
        private int _messageKind;
        private volatile bool _isAborted;
        private volatile bool _isClosing;
        private int _state = (int)SocketState.Opening;

        internal NativeConnection(Action wake)
        {
            _wake = wake;
        }

        internal SocketState State => (SocketState)Volatile.Read(ref _state);

        internal int CloseCode { get; private set; } = Cut;

        internal string CloseReason { get; private set; } = "";

        /// <summary>Whether this side has begun to close.</summary>
        internal bool IsClosing => _isClosing;

        /// <summary>Begins to connect, on a thread that then reads.</summary>
        internal void Start(Uri address)
        {
            new Thread(() => Run(address)) { Name = "vrbridge socket", IsBackground = true }.Start();
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
            _outgoing.Close(code, reason);
            Task.Run(AbortLaterAsync);
        }

        /// <summary>Takes no more messages: nobody looks at them.</summary>
        internal void Ignore()
        {
            _arrived.Close();
        }

        /// <summary>Breaks off.</summary>
        internal void Abort()
        {
            _isAborted = true;
            BreakOff();
        }

        private void Run(Uri address)
        {
            try
            {
                Stream stream = Connect(address);
                _reader = new FrameReader(stream);
                _outgoing = new SendQueue(stream);
                Volatile.Write(ref _state, (int)SocketState.Open);
                _wake();
                ReadAll();
            }
            catch (InvalidDataException fault)
            {
                Refuse(_broken, fault.Message);
            }
            catch (Exception fault) when (IsLoss(fault))
            {
                // The code says it: what came of the close before, or that there was none.
            }
            finally
            {
                Volatile.Write(ref _state, (int)SocketState.Closed);
                _outgoing?.Stop();
                BreakOff();
                if (!_isAborted)
                {
                    _wake();
                }
            }
        }

        private Stream Connect(Uri address)
        {
            Reach(address.DnsSafeHost, address.Port);
            Stream stream = _client.GetStream();
            if (address.Scheme == "wss")
            {
                var secure = new SslStream(stream, false);
                secure.AuthenticateAsClient(address.DnsSafeHost);
                stream = secure;
            }
            Handshake.Do(stream, address);
            return stream;
        }

        /// <summary>Connects to the first address of a host that answers.</summary>
        private void Reach(string host, int port)
        {
            IPAddress[] addresses = Dns.GetHostAddresses(host);
            for (int left = addresses.Length; left > 0; left--)
            {
                IPAddress address = addresses[addresses.Length - left];
                try
                {
                    Reach(address, port, left > 1 ? _addressTimeoutMs : Timeout.Infinite);
                    return;
                }
                catch (Exception fault) when (left > 1 && !_isAborted && IsLoss(fault))
                {
                    _client?.Close();
                }
            }
            throw new SocketException((int)SocketError.HostNotFound);
        }

        private void Reach(IPAddress address, int port, int withinMs)
        {
            // One without a family knows IPv4 alone on Mono's kin, whose asynchronous connecting crashes now and then.
            var client = new TcpClient(address.AddressFamily) { NoDelay = true };
            _client = client;
            if (_isAborted)
            {
                client.Close();
            }
            using var timer = new Timer(_ => client.Close(), null, withinMs, Timeout.Infinite);
            client.Connect(address, port);
        }

        private void ReadAll()
        {
            while (!_isAborted)
            {
                _reader.ReadHead();
                if (!_reader.IsControl)
                {
                    if (!ReadPart())
                    {
                        return;
                    }
                    continue;
                }
                int length = (int)_reader.Length;
                _reader.Read(_control, 0, length);
                if (_reader.Kind == FrameKind.Ping)
                {
                    _outgoing.AddPong(new ReadOnlySpan<byte>(_control, 0, length));
                }
                else if (_reader.Kind == FrameKind.Close)
                {
                    TakeClose(length);
                    return;
                }
            }
        }

        /// <summary>Reads a part of a message; false if it is too long.</summary>
        private bool ReadPart()
        {
            if ((_reader.Kind == FrameKind.Continuation) != (_message != null))
            {
                throw new InvalidDataException("a broken message");
            }
            if (_length + _reader.Length > _maxMessageBytes)
            {
                Refuse(_tooLong, "a message is too long");
                return false;
            }
            if (_message == null)
            {
                _messageKind = _reader.Kind;
                _message = ArrayPool<byte>.Shared.Rent(Math.Max(_firstBytes, (int)_reader.Length));
            }
            Grow(_length + (int)_reader.Length);
            _reader.Read(_message, _length, (int)_reader.Length);
            _length += (int)_reader.Length;
            if (_reader.IsLast)
            {
                _arrived.Add(new SocketMessage(_message, _length, _messageKind == FrameKind.Text));
                _message = null;
                _length = 0;
                _wake();
            }
            return true;
        }

        private void Grow(int nBytes)
        {
            if (nBytes > _message.Length)
            {
                byte[] longer = ArrayPool<byte>.Shared.Rent(Math.Max(nBytes, 2 * _message.Length));
                Buffer.BlockCopy(_message, 0, longer, 0, _length);
                ArrayPool<byte>.Shared.Return(_message);
                _message = longer;
            }
        }

        private void TakeClose(int length)
        {
            CloseCode = length >= 2 ? (_control[0] << 8) | _control[1] : _withoutCode;
            CloseReason = length > 2 ? Encoding.UTF8.GetString(_control, 2, length - 2) : "";
            if (!_isClosing)
            {
                _isClosing = true;
                _outgoing.Close(length >= 2 ? CloseCode : _normal, "").Wait(_closeTimeoutMs);
            }
        }

        private void Refuse(int code, string reason)
        {
            _isClosing = true;
            CloseCode = code;
            CloseReason = reason;
            _outgoing?.Close(code, reason).Wait(_closeTimeoutMs);
        }

        private async Task AbortLaterAsync()
        {
            await Task.Delay(_closeTimeoutMs).ConfigureAwait(false);
            BreakOff();
        }

        private void BreakOff()
        {
            // A queue that waits for room has to end, too.
            _arrived.Close();
            _client?.Close();
        }

        /// <summary>Whether this is how runtimes tell of a connection that is gone or never came about.</summary>
        internal static bool IsLoss(Exception fault)
        {
            return fault is IOException
                || fault is SocketException
                || fault is InvalidOperationException
                || fault is NullReferenceException
                || fault is System.Security.Authentication.AuthenticationException;
        }
    }
}
