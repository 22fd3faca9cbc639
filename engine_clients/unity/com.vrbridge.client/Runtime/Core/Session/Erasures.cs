using System.Collections.Generic;

namespace VRBridge.Core
{
    /// <summary>What the server was asked to erase and has not answered yet, the oldest first.</summary>
    internal sealed class Erasures
    {
        // The field that errors about what to erase name.
        private const string _field = "scope";
        private const string _session = "session";
        private const int _maxWaiting = 64;

        private readonly List<string> _scopes = new List<string>();

        /// <summary>Notes what is wanted; false if too many answers are waited for.</summary>
        /// <param name="scope"><c>session</c> or <c>player</c>.</param>
        /// <param name="isLost">Whether the session is gone that is meant.</param>
        /// <param name="reports">Told if nobody can erase it any more.</param>
        /// <param name="isAsked">Whether it is to be asked for.</param>
        internal bool TryAdd(string scope, bool isLost, IReportSink reports, out bool isAsked)
        {
            bool isGone = isLost && scope == _session;
            isAsked = !isGone && _scopes.Count < _maxWaiting;
            if (isGone)
            {
                reports.Add(Lost());
            }
            if (isAsked)
            {
                _scopes.Add(scope);
            }
            return isAsked || isGone;
        }

        /// <summary>Notes an answer about this scope.</summary>
        internal void Answer(string scope)
        {
            _scopes.Remove(scope);
        }

        /// <summary>Notes an error, which may be the answer to the oldest.</summary>
        internal void Answer(BridgeError error)
        {
            if (error.Field == _field && _scopes.Count > 0)
            {
                _scopes.RemoveAt(0);
            }
        }

        /// <summary>Notes that the session is gone, and tells of each wish about it that it can't be granted.</summary>
        internal void LoseSession(IReportSink reports)
        {
            for (int n = _scopes.RemoveAll(scope => scope == _session); n > 0; n--)
            {
                reports.Add(Lost());
            }
        }

        /// <summary>Asks once more on a new connection.</summary>
        internal void AskAgain(Outbox outbox)
        {
            foreach (string scope in _scopes)
            {
                outbox.AddForget(scope);
            }
        }

        private static Report Lost()
        {
            const string text = "The session was lost before it was forgotten; forget the player instead.";
            return Report.Complained(new BridgeError("session_lost", text, field: _field));
        }
    }
}
