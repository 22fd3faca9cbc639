using System;

namespace VRBridge.Core
{
    /// <summary>Why something was not done, in a sentence that a developer can act on.</summary>
    public sealed class BridgeError
    {
        /// <param name="code">One of the protocol's error codes, or one of this client's own.</param>
        /// <param name="message">What to do about it.</param>
        /// <param name="isRetryable">Whether the same request can succeed later.</param>
        /// <param name="retryAfterS">
        /// When a retry has a chance, in seconds from now; negative if that is not known.
        /// </param>
        /// <param name="field">Path of the input that is to blame; empty if none is.</param>
        public BridgeError(
            string code, string message, bool isRetryable = false, double retryAfterS = -1, string field = "")
        {
            Code = code;
            Message = message;
            IsRetryable = isRetryable;
            RetryAfterS = retryAfterS;
            Field = field;
        }

        /// <summary>
        /// One of the protocol's error codes, or one of this client's own: <c>session_lost</c>,
        /// <c>digest_mismatch</c>, <c>unreadable</c>, <c>cannot_connect</c>.
        /// </summary>
        public string Code { get; }

        /// <summary>What to do about it.</summary>
        public string Message { get; }

        /// <summary>Whether the same request can succeed later.</summary>
        public bool IsRetryable { get; }

        /// <summary>When a retry has a chance, in seconds from now; negative if that is not known.</summary>
        public double RetryAfterS { get; }

        /// <summary>Path of the input that is to blame, such as <c>params.size_px</c>; empty if none is.</summary>
        public string Field { get; }

        /// <inheritdoc/>
        public override string ToString()
        {
            return Field.Length > 0 ? $"{Code}: {Message} ({Field})" : $"{Code}: {Message}";
        }

        /// <summary>Returns the error that an <c>error</c> message tells.</summary>
        internal static BridgeError Of(BridgeMap message)
        {
            return new BridgeError(
                message.Text("code", "internal"),
                message.Text("message"),
                message.Truth("retryable"),
                message.Number("retry_after_s", -1),
                message.Text("field"));
        }
    }

    /// <summary>A <see cref="BridgeError"/> for those who await.</summary>
    public sealed class BridgeException : Exception
    {
        /// <param name="error">What went wrong.</param>
        public BridgeException(BridgeError error)
            : base(error.ToString())
        {
            Error = error;
        }

        /// <summary>What went wrong.</summary>
        public BridgeError Error { get; }
    }
}
