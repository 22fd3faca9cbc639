using System;

namespace VRBridge
{
    /// <summary>What the address of the page that a web build runs in says.</summary>
    internal static class WebPage
    {
        private const string _tokenMark = "token=";

        /// <summary>Returns the server that a page came from; null without a page.</summary>
        internal static string ServerOf(string address)
        {
            if (!Uri.TryCreate(address, UriKind.Absolute, out Uri page) || !page.Scheme.StartsWith("http", StringComparison.Ordinal))
            {
                return null;
            }
            return (page.Scheme == "https" ? "wss://" : "ws://") + page.Authority + "/ws";
        }

        /// <summary>Returns the token behind <c>#token=</c>, which stays in the browser; empty without one.</summary>
        internal static string TokenOf(string address)
        {
            int start = address.IndexOf('#');
            if (start < 0)
            {
                return "";
            }
            foreach (string part in address.Substring(start + 1).Split('&'))
            {
                if (part.StartsWith(_tokenMark, StringComparison.Ordinal))
                {
                    return Uri.UnescapeDataString(part.Substring(_tokenMark.Length));
                }
            }
            return "";
        }
    }
}
