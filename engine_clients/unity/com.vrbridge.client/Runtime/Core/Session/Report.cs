namespace VRBridge.Core
{
    /// <summary>What a <see cref="Report"/> is about.</summary>
    internal enum ReportKind
    {
        Connecting,
        Welcomed,
        SessionLost,
        Lost,
        GaveUp,
        Complained,
        Ponged,
        Forgot,
        Accepted,
        Progressed,
        Text,
        Action,
        AssetStarted,
        AssetGrew,
        AssetReceived,
        Restarted,
        Completed,
        Failed,
    }

    /// <summary>Something that a session has to tell; which fields are used depends on its kind.</summary>
    internal readonly struct Report
    {
        private Report(
            ReportKind kind,
            long id = 0,
            string text = null,
            long whole = 0,
            double number = 0,
            BridgeMap map = null,
            BridgeMap other = null,
            BridgeError error = null,
            BridgeAsset asset = null)
        {
            Kind = kind;
            Id = id;
            Text = text;
            Whole = whole;
            Number = number;
            Map = map;
            Other = other;
            Error = error;
            Asset = asset;
        }

        /// <summary>What it is about.</summary>
        internal ReportKind Kind { get; }

        /// <summary>Which request; 0 if none.</summary>
        internal long Id { get; }

        /// <summary>Text, stage, action, scope or session.</summary>
        internal string Text { get; }

        /// <summary>Position, offset, close code, items, or whether it was resumed.</summary>
        internal long Whole { get; }

        /// <summary>Seconds, or a fraction.</summary>
        internal double Number { get; }

        /// <summary>Arguments, result, anchor, or what the server told of itself.</summary>
        internal BridgeMap Map { get; }

        /// <summary>Timing.</summary>
        internal BridgeMap Other { get; }

        /// <summary>What went wrong.</summary>
        internal BridgeError Error { get; }

        /// <summary>The asset it is about.</summary>
        internal BridgeAsset Asset { get; }

        internal static Report Connecting(int nConnections)
        {
            return new Report(ReportKind.Connecting, whole: nConnections);
        }

        internal static Report Welcomed(string session, bool isResumed, BridgeMap welcome)
        {
            return new Report(ReportKind.Welcomed, text: session, whole: isResumed ? 1 : 0, map: welcome);
        }

        internal static Report SessionLost()
        {
            return new Report(ReportKind.SessionLost);
        }

        internal static Report Lost(int closeCode, double waitS)
        {
            return new Report(ReportKind.Lost, whole: closeCode, number: waitS);
        }

        internal static Report GaveUp(BridgeError error)
        {
            return new Report(ReportKind.GaveUp, error: error);
        }

        internal static Report Complained(BridgeError error)
        {
            return new Report(ReportKind.Complained, error: error);
        }

        /// <summary>
        /// The round trip is in <see cref="Number"/>, the server's clock in microseconds in <see cref="Whole"/>.
        /// </summary>
        internal static Report Ponged(double roundTripS, double serverS)
        {
            return new Report(ReportKind.Ponged, number: roundTripS, whole: (long)(serverS * 1e6));
        }

        internal static Report Forgot(string scope, long nItems)
        {
            return new Report(ReportKind.Forgot, text: scope, whole: nItems);
        }

        internal static Report Accepted(long id, long position, double etaS, BridgeMap anchor)
        {
            return new Report(ReportKind.Accepted, id, whole: position, number: etaS, map: anchor);
        }

        internal static Report Progressed(long id, string stage, double fraction)
        {
            return new Report(ReportKind.Progressed, id, text: stage, number: fraction);
        }

        internal static Report Said(long id, string text, long offset)
        {
            return new Report(ReportKind.Text, id, text: text, whole: offset);
        }

        internal static Report Chose(long id, string name, BridgeMap arguments)
        {
            return new Report(ReportKind.Action, id, text: name, map: arguments);
        }

        internal static Report OfAsset(ReportKind kind, BridgeAsset asset)
        {
            return new Report(kind, asset.RequestId, asset: asset);
        }

        internal static Report Restarted(long id)
        {
            return new Report(ReportKind.Restarted, id);
        }

        internal static Report Completed(long id, BridgeMap result, BridgeMap timing)
        {
            return new Report(ReportKind.Completed, id, map: result, other: timing);
        }

        internal static Report Failed(long id, BridgeError error)
        {
            return new Report(ReportKind.Failed, id, error: error);
        }
    }

    /// <summary>Takes what a session has to tell.</summary>
    internal interface IReportSink
    {
        /// <summary>Takes a report.</summary>
        void Add(in Report report);
    }
}
