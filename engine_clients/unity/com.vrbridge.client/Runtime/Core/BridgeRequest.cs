using System;
using System.Threading.Tasks;

namespace VRBridge.Core
{
    /// <summary>One thing that was asked for: its events tell how it goes on, and how it ends.</summary>
    /// <remarks>
    /// Every request ends in exactly one of <see cref="Completed"/> and <see cref="Failed"/>. Events come within
    /// <see cref="BridgeConnection.Update"/> only, so there is time to listen after a request was made.
    /// </remarks>
    public sealed class BridgeRequest
    {
        private readonly Action<BridgeRequest> _cancel;
        private TaskCompletionSource<BridgeMap> _task;

        internal BridgeRequest(
            long id, string kind, BridgeMap parameters, BridgeMap anchor, Action<BridgeRequest> cancel)
        {
            Id = id;
            Kind = kind;
            Params = parameters;
            Anchor = anchor;
            _cancel = cancel;
        }

        /// <summary>
        /// It is queued behind so many others, or has started (0); the second number is how many seconds that will
        /// take, negative if the server can't tell.
        /// </summary>
        public event Action<int, double> Accepted;

        /// <summary>Work went on: the stage, and a fraction of 0 to 1.</summary>
        public event Action<string, double> Progressed;

        /// <summary>A character said another piece; the number counts the characters before it.</summary>
        public event Action<string, int> TextReceived;

        /// <summary>A character chose one of the actions that were offered, with these arguments.</summary>
        public event Action<string, BridgeMap> ActionChosen;

        /// <summary>An asset was announced.</summary>
        public event Action<BridgeAsset> AssetStarted;

        /// <summary>More of an asset's bytes are there.</summary>
        public event Action<BridgeAsset> AssetGrew;

        /// <summary>
        /// An asset is complete and intact. Whoever listens calls <see cref="BridgeAsset.Release"/> once its bytes were
        /// used: further ones are held back while too many are kept.
        /// </summary>
        public event Action<BridgeAsset> AssetReceived;

        /// <summary>The session was lost and the request was sent again: forget what came before.</summary>
        public event Action Restarted;

        /// <summary>It is done: the result, and how long what took.</summary>
        public event Action<BridgeMap, BridgeMap> Completed;

        /// <summary>It ended without a result.</summary>
        public event Action<BridgeError> Failed;

        /// <summary>Number in the session.</summary>
        public long Id { get; }

        /// <summary>Such as <c>texture</c>.</summary>
        public string Kind { get; }

        /// <summary>As the kind takes them.</summary>
        public BridgeMap Params { get; }

        /// <summary>Where the result belongs in the scene, as it was asked with; null if nowhere.</summary>
        public BridgeMap Anchor { get; }

        /// <summary>Whether it has ended.</summary>
        public bool IsEnded { get; private set; }

        /// <summary>What it ended with; null as long as it has not failed.</summary>
        public BridgeError Error { get; private set; }

        /// <summary>What it ended with; null as long as it is not done.</summary>
        public BridgeMap Result { get; private set; }

        /// <summary>How long what took; null as long as it is not done.</summary>
        public BridgeMap Timing { get; private set; }

        /// <summary>Stops it: it ends in the error <c>cancelled</c>, unless it has ended already.</summary>
        public void Cancel()
        {
            if (!IsEnded)
            {
                _cancel(this);
            }
        }

        /// <summary>
        /// Returns a task that gives the result, or throws a <see cref="BridgeException"/>. Awaited on Unity's main
        /// thread, it goes on there.
        /// </summary>
        public Task<BridgeMap> AsTask()
        {
            if (_task == null)
            {
                _task = new TaskCompletionSource<BridgeMap>(TaskCreationOptions.RunContinuationsAsynchronously);
                if (IsEnded)
                {
                    EndTask();
                }
            }
            return _task.Task;
        }

        /// <summary>Takes what the session tells of it.</summary>
        internal void Take(in Report report)
        {
            if (IsEnded)
            {
                return;
            }
            switch (report.Kind)
            {
                case ReportKind.Accepted:
                    Accepted?.Invoke((int)report.Whole, report.Number);
                    break;
                case ReportKind.Progressed:
                    Progressed?.Invoke(report.Text, report.Number);
                    break;
                case ReportKind.Text:
                    TextReceived?.Invoke(report.Text, (int)report.Whole);
                    break;
                case ReportKind.Action:
                    ActionChosen?.Invoke(report.Text, report.Map);
                    break;
                case ReportKind.AssetStarted:
                    AssetStarted?.Invoke(report.Asset);
                    break;
                case ReportKind.AssetGrew:
                    AssetGrew?.Invoke(report.Asset);
                    break;
                case ReportKind.AssetReceived:
                    Receive(report.Asset);
                    break;
                case ReportKind.Restarted:
                    Restarted?.Invoke();
                    break;
                case ReportKind.Completed:
                    Complete(report.Map, report.Other);
                    break;
                case ReportKind.Failed:
                    Fail(report.Error);
                    break;
            }
        }

        /// <summary>Ends it.</summary>
        internal void Fail(BridgeError error)
        {
            if (!IsEnded)
            {
                IsEnded = true;
                Error = error;
                EndTask();
                Failed?.Invoke(error);
            }
        }

        private void Complete(BridgeMap result, BridgeMap timing)
        {
            IsEnded = true;
            Result = result;
            Timing = timing;
            EndTask();
            Completed?.Invoke(result, timing);
        }

        private void Receive(BridgeAsset asset)
        {
            if (AssetReceived == null)
            {
                asset.Release();
            }
            else
            {
                AssetReceived(asset);
            }
        }

        private void EndTask()
        {
            if (_task == null)
            {
                return;
            }
            if (Error != null)
            {
                _task.TrySetException(new BridgeException(Error));
            }
            else
            {
                _task.TrySetResult(Result);
            }
        }
    }
}
