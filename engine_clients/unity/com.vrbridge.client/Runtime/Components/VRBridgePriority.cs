namespace VRBridge
{
    /// <summary>How work for something ranks against other requests.</summary>
    public enum VRBridgePriority
    {
        /// <summary>Somebody waits for it.</summary>
        Interactive,

        /// <summary>It is wanted soon.</summary>
        Normal,

        /// <summary>It may come when nothing else is to be done.</summary>
        Background,
    }

    /// <summary>What the wire calls a priority.</summary>
    internal static class PriorityNames
    {
        private static readonly string[] _names = { "", "normal", "background" };

        /// <summary>Returns the name; empty for the usual one.</summary>
        internal static string OnWire(this VRBridgePriority priority)
        {
            return _names[(int)priority];
        }
    }
}
