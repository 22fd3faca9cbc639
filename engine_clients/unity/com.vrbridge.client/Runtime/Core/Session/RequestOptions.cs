namespace VRBridge.Core
{
    /// <summary>How something is asked for.</summary>
    public sealed class RequestOptions
    {
        /// <summary>
        /// <c>interactive</c> (which the server takes by default), <c>normal</c> or <c>background</c>.
        /// </summary>
        public string Priority { get; set; } = "";

        /// <summary>How long the result is of use, in seconds from now; null for ever.</summary>
        public double? DeadlineS { get; set; }

        /// <summary>A new request of the same slot supersedes an unfinished older one; empty for none.</summary>
        public string Slot { get; set; } = "";

        /// <summary>Where the result belongs in the scene; null for nowhere in particular.</summary>
        public BridgeMap Anchor { get; set; }

        /// <summary>Whether it is asked again when the server has lost the session; if not it fails then.</summary>
        public bool IsResent { get; set; } = true;

        /// <summary>Returns the message of a request.</summary>
        /// <exception cref="MessagePackException">If a part of it has no place on the wire.</exception>
        internal byte[] Encode(BridgeRequest request)
        {
            var message = new BridgeMap
            {
                { "type", "request" },
                { "id", request.Id },
                { "kind", request.Kind },
                { "params", request.Params ?? new BridgeMap(0) },
            };
            if (!string.IsNullOrEmpty(Priority))
            {
                message["priority"] = Priority;
            }
            if (DeadlineS.HasValue)
            {
                message["deadline_s"] = DeadlineS.Value;
            }
            if (!string.IsNullOrEmpty(Slot))
            {
                message["slot"] = Slot;
            }
            if (Anchor != null)
            {
                message["anchor"] = Anchor;
            }
            return MessagePackWriter.Encode(message);
        }
    }
}
