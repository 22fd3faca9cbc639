using System;

namespace VRBridge.Core
{
    /// <summary>How long to wait before a lost connection is tried again.</summary>
    internal static class Backoff
    {
        /// <summary>Bound of the first wait, which doubles with each attempt.</summary>
        internal const double BaseS = 0.25;

        /// <summary>Bound of every wait.</summary>
        internal const double MaxS = 20;

        // Beyond this the bound has long been reached.
        private const int _maxDoublings = 16;

        /// <summary>
        /// Returns seconds to wait after so many failures, 0 for the first wait; <paramref name="share"/> in [0, 1) is
        /// random, so that many players don't return at once.
        /// </summary>
        internal static double WaitS(int attempt, double share)
        {
            return share * Math.Min(MaxS, BaseS * Math.Pow(2, Math.Min(attempt, _maxDoublings)));
        }
    }
}
