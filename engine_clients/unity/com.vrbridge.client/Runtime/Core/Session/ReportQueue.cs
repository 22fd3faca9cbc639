using System;
using System.Threading;

namespace VRBridge.Core
{
    /// <summary>Reports on their way from a session to the main thread.</summary>
    /// <remarks>
    /// When it is nearly full the session takes no more messages off its socket, so that the server waits; what one
    /// message or the end of a connection tells still fits.
    /// </remarks>
    internal sealed class ReportQueue : IReportSink
    {
        private const int _firstCapacity = 256;
        private const int _maxWaiting = 2048;

        private readonly object _lock = new object();
        private Report[] _ring = new Report[_firstCapacity];
        private int _first;
        private int _count;

        /// <summary>Whether a session may take another message.</summary>
        internal bool HasRoom => Volatile.Read(ref _count) < _maxWaiting;

        /// <inheritdoc/>
        public void Add(in Report report)
        {
            lock (_lock)
            {
                if (_count == _ring.Length)
                {
                    Grow();
                }
                _ring[(_first + _count) % _ring.Length] = report;
                _count++;
            }
        }

        /// <summary>Takes the next report; false if there is none.</summary>
        internal bool TryTake(out Report report)
        {
            lock (_lock)
            {
                if (_count == 0)
                {
                    report = default;
                    return false;
                }
                report = _ring[_first];
                // What it refers to need not stay in memory.
                _ring[_first] = default;
                _first = (_first + 1) % _ring.Length;
                _count--;
                return true;
            }
        }

        private void Grow()
        {
            var longer = new Report[2 * _ring.Length];
            for (int index = 0; index < _count; index++)
            {
                longer[index] = _ring[(_first + index) % _ring.Length];
            }
            _ring = longer;
            _first = 0;
        }
    }
}
