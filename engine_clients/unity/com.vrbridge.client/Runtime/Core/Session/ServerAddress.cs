using System;

namespace VRBridge.Core
{
    /// <summary>Where a session is gone on with: the server's address, and which session is meant.</summary>
    internal static class ServerAddress
    {
        /// <summary>
        /// Returns where to connect. Behind one address there may be several servers, and a session lives in one of
        /// them: whatever shares connections out among them reads here which one it is.
        /// </summary>
        /// <param name="url">As the application gave it; what its query says stays.</param>
        /// <param name="session">Empty for a new one.</param>
        internal static string Of(string url, string session)
        {
            if (session.Length == 0)
            {
                return url;
            }
            int end = url.IndexOf('#');
            string address = end < 0 ? url : url.Substring(0, end);
            string fragment = end < 0 ? "" : url.Substring(end);
            return $"{address}{Separator(address)}session={Uri.EscapeDataString(session)}{fragment}";
        }

        private static string Separator(string address)
        {
            if (address.IndexOf('?') < 0)
            {
                return "?";
            }
            char last = address[address.Length - 1];
            return last == '?' || last == '&' ? "" : "&";
        }
    }
}
