namespace VRBridge.Core
{
    /// <summary>What a <see cref="Heartbeat"/> finds.</summary>
    internal enum Pulse
    {
        Fine,
        Ask,
        Dead,
    }

    /// <summary>Notices a server that says nothing any more.</summary>
    internal sealed class Heartbeat
    {
        private const double _tickS = 5;
        private const int _maxSilentTicks = 3;

        // A pause longer than this means that the application stood still, and not the server.
        private const double _standstillS = 2;

        // How long an answer may take after the application was away.
        private const double _soonS = 3;

        private double _tickAtS;
        private int _nSilent;
        private long _seenBytes;
        private double _expectedByS = double.PositiveInfinity;
        private long _expectedBeyondBytes;

        /// <summary>Begins with a connection.</summary>
        internal void Begin(double nowS)
        {
            _nSilent = 0;
            _tickAtS = nowS + _tickS;
            _expectedByS = double.PositiveInfinity;
        }

        /// <summary>Notes how time goes on.</summary>
        internal void Note(double beforeS, double nowS)
        {
            if (nowS - beforeS > _standstillS)
            {
                Begin(nowS);
            }
        }

        /// <summary>Notes that the server was asked, and has to answer soon.</summary>
        internal void ExpectSoon(double nowS, long nReceivedBytes)
        {
            _expectedByS = nowS + _soonS;
            _expectedBeyondBytes = nReceivedBytes;
        }

        /// <summary>Returns what is to be done, by how many bytes have arrived in all.</summary>
        internal Pulse Beat(double nowS, long nReceivedBytes)
        {
            if (nReceivedBytes > _expectedBeyondBytes)
            {
                _expectedByS = double.PositiveInfinity;
            }
            if (nowS >= _expectedByS)
            {
                return Pulse.Dead;
            }
            if (nowS < _tickAtS)
            {
                return Pulse.Fine;
            }
            _tickAtS = nowS + _tickS;
            _nSilent = nReceivedBytes == _seenBytes ? _nSilent + 1 : 0;
            _seenBytes = nReceivedBytes;
            return _nSilent >= _maxSilentTicks ? Pulse.Dead : _nSilent > 0 ? Pulse.Ask : Pulse.Fine;
        }
    }
}
