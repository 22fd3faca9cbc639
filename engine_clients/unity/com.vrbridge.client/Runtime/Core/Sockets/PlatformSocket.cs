namespace VRBridge.Core
{
    /// <summary>The socket that the platform has.</summary>
    internal static class PlatformSocket
    {
#if UNITY_WEBGL && !UNITY_EDITOR
        /// <summary>Whether sessions can have threads of their own.</summary>
        internal const bool HasThreads = false;

        /// <summary>Makes one.</summary>
        internal static IWebSocket Make()
        {
            return new BrowserSocket();
        }
#else
        /// <summary>Whether sessions can have threads of their own.</summary>
        internal const bool HasThreads = true;

        /// <summary>Makes one.</summary>
        internal static IWebSocket Make()
        {
            return new NativeSocket();
        }
#endif
    }
}
