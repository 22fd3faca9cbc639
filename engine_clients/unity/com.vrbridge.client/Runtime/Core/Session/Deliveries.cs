namespace VRBridge.Core
{
    /// <summary>Puts the assets of a session together and hands them over.</summary>
    internal sealed class Deliveries
    {
        private const int _brokenProtocol = 1002;
        private const int _gap = 4010;

        private readonly Intake _intake;
        private readonly RequestLedger _requests;
        private readonly Outbox _outbox;
        private readonly IReportSink _reports;

        internal Deliveries(Intake intake, RequestLedger requests, Outbox outbox, IReportSink reports)
        {
            _intake = intake;
            _requests = requests;
            _outbox = outbox;
            _reports = reports;
        }

        /// <summary>Takes an <c>asset</c> message.</summary>
        internal void Announce(BridgeMap message)
        {
            BridgeAsset asset = _intake.Announce(message);
            if (asset == null)
            {
                throw new MustCloseException(_brokenProtocol, "malformed asset");
            }
            if (_requests.IsListening(asset.RequestId))
            {
                _reports.Add(Report.OfAsset(ReportKind.AssetStarted, asset));
            }
            if (asset.IsComplete)
            {
                Complete(asset);
            }
        }

        /// <summary>Takes a <c>chunk</c> message.</summary>
        internal void Take(in ChunkMessage chunk)
        {
            if (!_intake.Take(chunk, out BridgeAsset asset))
            {
                // Resuming from the offset that we do have repairs it.
                throw new MustCloseException(_gap, "chunk out of order");
            }
            if (asset != null && asset.IsComplete)
            {
                Complete(asset);
            }
            else if (asset != null && _requests.IsListening(asset.RequestId) && asset.HasToTellGrowth())
            {
                _reports.Add(Report.OfAsset(ReportKind.AssetGrew, asset));
            }
            Grant();
        }

        /// <summary>Raises the credit if it is time.</summary>
        internal void Grant()
        {
            long limit = _intake.NextLimit();
            if (limit > 0)
            {
                _outbox.Add("credit", "limit", limit);
            }
        }

        private void Complete(BridgeAsset asset)
        {
            _intake.Drop(asset.Number);
            bool isIntact = asset.IsIntact();
            long id = asset.RequestId;
            if (!_requests.IsListening(id))
            {
                return;
            }
            if (isIntact)
            {
                _intake.Hold(asset.NBytes);
                _reports.Add(Report.OfAsset(ReportKind.AssetReceived, asset));
                return;
            }
            string message = $"The `{asset.Role}` asset arrived damaged: its SHA-256 is not the announced one."
                + " Ask again.";
            _requests.Mute(id, new BridgeError("digest_mismatch", message, true));
            if (_requests.Cancel(id))
            {
                _outbox.Add("cancel", "id", id);
            }
        }
    }
}
