namespace VRBridge.Core
{
    /// <summary>What a closed connection means.</summary>
    internal static class CloseCodes
    {
        /// <summary>Another connection has taken the session over.</summary>
        internal const int TakenOver = 4509;

        private const int _unauthorized = 4501;

        /// <summary>Whether trying again unchanged makes no sense.</summary>
        internal static bool IsFinal(int code)
        {
            return Sentence(code) != null;
        }

        /// <summary>Returns what to do about a connection that can't be tried again.</summary>
        internal static BridgeError ErrorOf(int code, string reason)
        {
            string message = Sentence(code) + (string.IsNullOrEmpty(reason) ? "" : $" It says: {reason}");
            return new BridgeError(code == _unauthorized ? "unauthorized" : "cannot_connect", message);
        }

        /// <summary>Returns what to do about an address where nothing answered for long.</summary>
        internal static BridgeError Unreachable(string url)
        {
            return new BridgeError(
                "cannot_connect",
                $"Nothing answers at {url}. Start `vrbridge serve` there, or check the address.",
                true);
        }

        /// <summary>Returns what to do about an address that is none.</summary>
        internal static BridgeError NoAddress(string url)
        {
            return new BridgeError("cannot_connect", $"`{url}` is no address such as {BridgeOptions.DefaultUrl}.");
        }

        private static string Sentence(int code)
        {
            switch (code)
            {
                case 1002:
                    return "The server found a broken WebSocket message.";
                case 1003:
                    return "The server got a text message.";
                case 1007:
                    return "The server got a message that is no MessagePack map.";
                case 1008:
                    return "The server refuses this connection by its rules.";
                case 1009:
                    return "The server got a message over its limit.";
                case _unauthorized:
                    return "The server refuses the token. `vrbridge token create` makes one.";
                case 4503:
                    return "The token does not allow this connection.";
                case TakenOver:
                    return "Another connection has taken this session over.";
                case 4526:
                    return "The server speaks another version of the protocol. Update the package or the server.";
                default:
                    return null;
            }
        }
    }
}
