using System;

namespace VRBridge.Core
{
    /// <summary>A socket of players that have TCP, which is all but web builds.</summary>
    public sealed class NativeSocket : IWebSocket
    {
        private NativeConnection _connection;

        /// <inheritdoc/>
        public SocketState State => _connection?.State ?? SocketState.Closed;

        /// <inheritdoc/>
        public int CloseCode => _connection?.CloseCode ?? NativeConnection.Cut;

        /// <inheritdoc/>
        public string CloseReason => _connection?.CloseReason ?? "";

        /// <inheritdoc/>
        public Action Woken { get; set; }

        /// <inheritdoc/>
        public bool Open(string url)
        {
            Abort();
            if (!Uri.TryCreate(url, UriKind.Absolute, out Uri address)
                || (address.Scheme != "ws" && address.Scheme != "wss")
                || address.Host.Length == 0)
            {
                return false;
            }
            _connection = new NativeConnection(Wake);
            _connection.Start(address);
            return true;
        }

        /// <inheritdoc/>
        public bool TryReceive(out SocketMessage message)
        {
            message = default;
            return _connection != null && _connection.TryReceive(out message);
        }

        /// <inheritdoc/>
        public bool TrySend(ReadOnlySpan<byte> message)
        {
            return _connection != null && _connection.TrySend(message);
        }

        /// <inheritdoc/>
        public void Close(int code, string reason)
        {
            _connection?.Close(code, reason);
        }

        /// <inheritdoc/>
        public void Abort()
        {
            _connection?.Abort();
            _connection = null;
        }

        /// <summary>Breaks off, unless it is closing, which it finishes or gives up by itself.</summary>
        public void Dispose()
        {
            if (_connection != null && _connection.IsClosing)
            {
                _connection.Ignore();
            }
            else
            {
                _connection?.Abort();
            }
            _connection = null;
        }

        private void Wake()
        {
            Woken?.Invoke();
        }
    }
}
