namespace VRBridge.Core
{
    /// <summary>What a session remembers of a request without an end.</summary>
    internal sealed class OpenRequest
    {
        /// <param name="id">Unique in the session.</param>
        /// <param name="message">As it goes over the wire.</param>
        /// <param name="isResent">Whether it is sent again when the session is lost; if not it fails then.</param>
        internal OpenRequest(long id, byte[] message, bool isResent)
        {
            Id = id;
            Message = message;
            IsResent = isResent;
        }

        internal long Id { get; }

        internal byte[] Message { get; }

        internal bool IsResent { get; }

        internal bool IsAccepted { get; set; }

        internal bool IsCancelled { get; set; }

        /// <summary>Its listeners were told of a failure; what still arrives is for nobody.</summary>
        internal bool IsMuted { get; set; }

        /// <summary>Characters of its answer that were told.</summary>
        internal long NCharacters { get; set; }

        /// <summary>Forgets what was told, since the session that told it is gone.</summary>
        internal void Restart()
        {
            IsAccepted = false;
            NCharacters = 0;
        }
    }
}
