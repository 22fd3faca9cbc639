namespace VRBridge.Core
{
    /// <summary>What is known of messages from the server by their types.</summary>
    internal static class ServerMessages
    {
        /// <summary>Whether a message counts in the session; what is not known counts if it says so.</summary>
        internal static bool IsSequenced(string type, BridgeMap message)
        {
            switch (type)
            {
                case "accepted":
                case "progress":
                case "text":
                case "action":
                case "asset":
                case "done":
                case "error":
                case "forgotten":
                    return true;
                case "pong":
                case "goaway":
                    return false;
                default:
                    return message.Contains("seq");
            }
        }

        /// <summary>Returns what a <c>welcome</c> tells of the server, without what is secret.</summary>
        internal static BridgeMap Facts(BridgeMap welcome)
        {
            return new BridgeMap
            {
                { "capabilities", welcome.MapOf("capabilities") },
                { "limits", welcome.MapOf("limits") },
                { "server", welcome.MapOf("server") },
            };
        }
    }
}
