using System.Collections.Generic;

namespace VRBridge.Core
{
    /// <summary>The requests of a session without an end, and what has been told of each.</summary>
    internal sealed class RequestLedger
    {
        private const int _defaultMaxMessageBytes = 1 << 20;
        private const int _defaultMaxOpen = 32;

        // The server refuses what is too much at once; this only bounds what piles up while it is away.
        private const int _openFactor = 4;

        private readonly Dictionary<long, OpenRequest> _open = new Dictionary<long, OpenRequest>();
        private readonly IReportSink _reports;

        internal RequestLedger(IReportSink reports)
        {
            _reports = reports;
        }

        /// <summary>How many have no end.</summary>
        internal int Count => _open.Count;

        /// <summary>Whether somebody still listens to it.</summary>
        internal bool IsListening(long id)
        {
            return _open.TryGetValue(id, out OpenRequest request) && !request.IsMuted;
        }

        /// <summary>Enters a request; returns why it can't be made, null if it can.</summary>
        internal BridgeError Enter(OpenRequest request, BridgeMap limits)
        {
            long maxOpen = _openFactor * limits.Whole("max_open_requests", _defaultMaxOpen);
            if (_open.Count >= maxOpen)
            {
                return new BridgeError(
                    "rate_limited", $"{_open.Count} requests are open already; wait for some to end.", true);
            }
            int nBytes = request.Message.Length;
            long maxBytes = limits.Whole("max_message_bytes", _defaultMaxMessageBytes);
            if (nBytes > maxBytes)
            {
                return new BridgeError(
                    "too_large",
                    $"The request has {nBytes} bytes, more than the {maxBytes} that the server takes.",
                    field: "params");
            }
            _open[request.Id] = request;
            return null;
        }

        /// <summary>
        /// Whether the server has to be told of a cancellation; not of one that has ended or is cancelled already.
        /// </summary>
        internal bool Cancel(long id)
        {
            if (!_open.TryGetValue(id, out OpenRequest request) || request.IsCancelled)
            {
                return false;
            }
            request.IsCancelled = true;
            return true;
        }

        /// <summary>Fails a request for its listeners; its end is still to come.</summary>
        internal void Mute(long id, BridgeError error)
        {
            if (IsListening(id))
            {
                _open[id].IsMuted = true;
                _reports.Add(Report.Failed(id, error));
            }
        }

        /// <summary>Takes <c>accepted</c>, <c>progress</c>, <c>text</c> or <c>action</c>.</summary>
        internal void Tell(string type, BridgeMap message)
        {
            long id = message.Whole("id", -1);
            if (!_open.TryGetValue(id, out OpenRequest request) || request.IsMuted)
            {
                return;
            }
            switch (type)
            {
                case "accepted":
                    Accept(request, message);
                    break;
                case "text":
                    Say(request, message.Text("text"), message.Whole("offset"));
                    break;
                case "action":
                    _reports.Add(Report.Chose(id, message.Text("name"), message.MapOf("arguments")));
                    break;
                default:
                    _reports.Add(Report.Progressed(id, message.Text("stage"), message.Number("fraction")));
                    break;
            }
        }

        /// <summary>Takes the end of a request.</summary>
        internal void End(long id, in Report how)
        {
            if (IsListening(id))
            {
                _reports.Add(how);
            }
            _open.Remove(id);
        }

        /// <summary>Ends every request.</summary>
        internal void FailAll(BridgeError error)
        {
            foreach (OpenRequest request in InOrder())
            {
                End(request.Id, Report.Failed(request.Id, error));
            }
        }

        /// <summary>Begins a new session, in which only those go on that may be asked again.</summary>
        internal void Restart()
        {
            foreach (OpenRequest request in InOrder())
            {
                if (!request.IsMuted && !request.IsCancelled && request.IsResent)
                {
                    request.Restart();
                    _reports.Add(Report.Restarted(request.Id));
                    continue;
                }
                BridgeError error = request.IsCancelled
                    ? new BridgeError("cancelled", "The request was cancelled.")
                    : new BridgeError(
                        "session_lost", "The server no longer knows this session; make the request again.", true);
                End(request.Id, Report.Failed(request.Id, error));
            }
        }

        /// <summary>Returns the requests in the order of their making.</summary>
        internal List<OpenRequest> InOrder()
        {
            var requests = new List<OpenRequest>(_open.Values);
            requests.Sort((one, other) => one.Id.CompareTo(other.Id));
            return requests;
        }

        private void Accept(OpenRequest request, BridgeMap message)
        {
            // Asking for the state of a request again repeats what was told already.
            if (!request.IsAccepted)
            {
                request.IsAccepted = true;
                _reports.Add(Report.Accepted(
                    request.Id,
                    message.Whole("position"),
                    message.Number("eta_s", -1),
                    message["anchor"].AsMap()));
            }
        }

        private void Say(OpenRequest request, string text, long offset)
        {
            if (offset >= request.NCharacters)
            {
                request.NCharacters = offset + CodePoints.Count(text);
                _reports.Add(Report.Said(request.Id, text, offset));
            }
        }
    }
}
