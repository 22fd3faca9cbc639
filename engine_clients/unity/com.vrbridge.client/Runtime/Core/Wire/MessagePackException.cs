using System;

namespace VRBridge.Core
{
    /// <summary>Bytes hold no value of the wire, or a value has no place on it.</summary>
    public sealed class MessagePackException : Exception
    {
        /// <param name="message">What is wrong, without any of the content.</param>
        public MessagePackException(string message)
            : base(message)
        {
        }
    }
}
