using System;

namespace VRBridge.Core
{
    /// <summary>Messages were lost, or the server doesn't keep to the protocol: the connection can't go on.</summary>
    internal sealed class MustCloseException : Exception
    {
        internal MustCloseException(int code, string reason)
            : base(reason)
        {
            Code = code;
        }

        /// <summary>What to close it with.</summary>
        internal int Code { get; }
    }
}
