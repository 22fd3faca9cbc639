using System;

namespace VRBridge.Core
{
    /// <summary>Where a socket is in connecting.</summary>
    public enum SocketState
    {
        /// <summary>It connects.</summary>
        Opening,

        /// <summary>Messages can be sent.</summary>
        Open,

        /// <summary>It is closed, by whomever, or was never open.</summary>
        Closed,
    }

    /// <summary>A message that arrived.</summary>
    public readonly struct SocketMessage
    {
        /// <param name="buffer">Holds the message.</param>
        /// <param name="length">How many bytes of it the message has.</param>
        /// <param name="isText">Whether it is text, which the bridge never sends.</param>
        public SocketMessage(byte[] buffer, int length, bool isText)
        {
            Buffer = buffer;
            Length = length;
            IsText = isText;
        }

        /// <summary>Holds the message; it may be longer.</summary>
        public byte[] Buffer { get; }

        /// <summary>How many bytes the message has.</summary>
        public int Length { get; }

        /// <summary>Whether it is text, which the bridge never sends.</summary>
        public bool IsText { get; }

        /// <summary>The message.</summary>
        public ReadOnlySpan<byte> Span => new ReadOnlySpan<byte>(Buffer, 0, Length);
    }

    /// <summary>
    /// A platform's WebSocket, reduced to what a session needs. It is polled from one thread, and waits for nothing.
    /// </summary>
    public interface IWebSocket : IDisposable
    {
        /// <summary>Where it is in connecting.</summary>
        SocketState State { get; }

        /// <summary>The code that it was closed with; 1006 if it was cut.</summary>
        int CloseCode { get; }

        /// <summary>The reason that came with the code.</summary>
        string CloseReason { get; }

        /// <summary>Is called from any thread when there is something to look at; may be null.</summary>
        Action Woken { get; set; }

        /// <summary>
        /// Begins to connect with the subprotocol <c>vrbridge.v1</c>, instead of an older connection, of which nothing
        /// is told any more. False if that is no address.
        /// </summary>
        bool Open(string url);

        /// <summary>
        /// Takes the next message that arrived; those that came before a close can still be taken after it. Its buffer
        /// is valid until the next call.
        /// </summary>
        bool TryReceive(out SocketMessage message);

        /// <summary>Sends a binary message, which is copied; false if there is no room for it now.</summary>
        bool TrySend(ReadOnlySpan<byte> message);

        /// <summary>Begins to close.</summary>
        void Close(int code, string reason);

        /// <summary>Breaks off, without telling anything of it any more.</summary>
        void Abort();
    }
}
