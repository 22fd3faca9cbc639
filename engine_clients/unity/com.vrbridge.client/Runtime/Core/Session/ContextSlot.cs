using System;

namespace VRBridge.Core
{
    /// <summary>The newest context on its way from the main thread to the session: the latest wins.</summary>
    internal sealed class ContextSlot : IDisposable
    {
        private readonly object _lock = new object();
        private readonly MessagePackWriter _writer = new MessagePackWriter();
        private bool _isNew;

        /// <summary>Gives the buffer back.</summary>
        public void Dispose()
        {
            lock (_lock)
            {
                _isNew = false;
                _writer.Dispose();
            }
        }

        /// <summary>Puts a context in, instead of one that waits.</summary>
        /// <exception cref="MessagePackException">
        /// If a part of it has no place on the wire; then none waits.
        /// </exception>
        internal void Put(BridgeContext context)
        {
            lock (_lock)
            {
                _isNew = false;
                _writer.Clear();
                context.Write(_writer);
                _isNew = true;
            }
        }

        /// <summary>Sends the context that waits; true if there was one.</summary>
        internal bool Send(SessionCore core)
        {
            lock (_lock)
            {
                if (!_isNew)
                {
                    return false;
                }
                _isNew = !core.Send(_writer.Written);
                return !_isNew;
            }
        }
    }
}
