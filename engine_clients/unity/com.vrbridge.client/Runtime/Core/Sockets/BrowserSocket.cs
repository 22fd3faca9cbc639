#if UNITY_WEBGL && !UNITY_EDITOR
using System;
using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace VRBridge.Core
{
    /// <summary>The browser's WebSocket in web builds, over <c>VRBridgeSocket.jslib</c>.</summary>
    /// <remarks>
    /// It is polled: nothing calls from the page into the build. Messages wait in the page, where credit bounds them;
    /// what comes beyond all credit breaks the connection off, and the session is resumed.
    /// </remarks>
    public sealed class BrowserSocket : IWebSocket
    {
        private const string _subprotocol = "vrbridge.v1";
        private const int _cut = 1006;
        private const int _reasonBytes = 124;
        private const int _firstBytes = (64 << 10) + 256;

        // Tells texts from messages in the answer to how long the next one is.
        private const int _isText = -2;

        private byte[] _arrived = ArrayPool<byte>.Shared.Rent(_firstBytes);
        private byte[] _outgoing = ArrayPool<byte>.Shared.Rent(_firstBytes);
        private int _id;

        /// <inheritdoc/>
        public SocketState State => _id == 0 ? SocketState.Closed : (SocketState)VRBridgeSocketState(_id);

        /// <inheritdoc/>
        public int CloseCode => _id == 0 ? _cut : VRBridgeSocketCloseCode(_id);

        /// <inheritdoc/>
        public string CloseReason
        {
            get
            {
                if (_id == 0)
                {
                    return "";
                }
                var reason = new byte[_reasonBytes];
                return Encoding.UTF8.GetString(reason, 0, VRBridgeSocketCloseReason(_id, reason, reason.Length));
            }
        }

        /// <inheritdoc/>
        public Action Woken { get; set; }

        /// <inheritdoc/>
        public bool Open(string url)
        {
            Abort();
            _id = VRBridgeSocketOpen(url, _subprotocol);
            return _id != 0;
        }

        /// <inheritdoc/>
        public bool TryReceive(out SocketMessage message)
        {
            message = default;
            int length = _id == 0 ? -1 : VRBridgeSocketNext(_id);
            if (length == _isText)
            {
                message = new SocketMessage(_arrived, 0, true);
                return true;
            }
            if (length < 0)
            {
                return false;
            }
            Fit(ref _arrived, length);
            VRBridgeSocketTake(_id, _arrived, length);
            message = new SocketMessage(_arrived, length, false);
            return true;
        }

        /// <inheritdoc/>
        public bool TrySend(ReadOnlySpan<byte> message)
        {
            if (_id == 0)
            {
                return false;
            }
            Fit(ref _outgoing, message.Length);
            message.CopyTo(_outgoing);
            return VRBridgeSocketSend(_id, _outgoing, message.Length) != 0;
        }

        /// <inheritdoc/>
        public void Close(int code, string reason)
        {
            if (_id != 0)
            {
                VRBridgeSocketClose(_id, code, reason);
            }
        }

        /// <inheritdoc/>
        public void Abort()
        {
            if (_id != 0)
            {
                VRBridgeSocketFree(_id);
                _id = 0;
            }
        }

        /// <summary>Lets go of the page's socket, which closes.</summary>
        public void Dispose()
        {
            Abort();
            ArrayPool<byte>.Shared.Return(_arrived);
            ArrayPool<byte>.Shared.Return(_outgoing);
            _arrived = Array.Empty<byte>();
            _outgoing = Array.Empty<byte>();
        }

        private static void Fit(ref byte[] buffer, int length)
        {
            if (buffer.Length < length)
            {
                ArrayPool<byte>.Shared.Return(buffer);
                buffer = ArrayPool<byte>.Shared.Rent(length);
            }
        }

        [DllImport("__Internal")]
        private static extern int VRBridgeSocketOpen(string url, string subprotocol);

        [DllImport("__Internal")]
        private static extern int VRBridgeSocketState(int id);

        [DllImport("__Internal")]
        private static extern int VRBridgeSocketNext(int id);

        [DllImport("__Internal")]
        private static extern void VRBridgeSocketTake(int id, byte[] buffer, int length);

        [DllImport("__Internal")]
        private static extern int VRBridgeSocketSend(int id, byte[] buffer, int length);

        [DllImport("__Internal")]
        private static extern void VRBridgeSocketClose(int id, int code, string reason);

        [DllImport("__Internal")]
        private static extern int VRBridgeSocketCloseCode(int id);

        [DllImport("__Internal")]
        private static extern int VRBridgeSocketCloseReason(int id, byte[] buffer, int length);

        [DllImport("__Internal")]
        private static extern void VRBridgeSocketFree(int id);
    }
}
#endif
