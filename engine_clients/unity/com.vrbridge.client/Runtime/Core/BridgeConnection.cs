using System;
using System.Collections.Generic;
using System.Diagnostics;

namespace VRBridge.Core
{
    /// <summary>A scene's connection to the bridge.</summary>
    /// <remarks>
    /// <para>
    /// It reconnects and resumes by itself. Sockets, MessagePack and digests have a thread of their own where the
    /// platform has threads; everything here is for the main thread, and every event comes within
    /// <see cref="Update"/>.
    /// </para>
    /// <code>
    /// var bridge = new BridgeConnection();
    /// bridge.Open(new BridgeOptions { Url = "ws://127.0.0.1:8765/ws" });
    /// var question = new BridgeMap { { "npc", "blacksmith" }, { "text", "Hello!" } };
    /// BridgeRequest request = bridge.Request("dialogue", question);
    /// request.TextReceived += (text, offset) => Show(text);
    /// // Once a frame, for as long as the frame has time:
    /// bridge.Update(hasTime);
    /// </code>
    /// <para>
    /// How it is made: <c>Wire</c> reads and writes messages; <c>Session</c> holds the state machine, in which
    /// <c>SessionCore</c> is one session and <c>Link</c> its connections; <c>Sockets</c> adapts the platform;
    /// <c>Assets</c> reads files that arrive. Bytes, state and time come in as arguments.
    /// </para>
    /// </remarks>
    public sealed class BridgeConnection : IDisposable
    {
        private readonly Dictionary<long, BridgeRequest> _requests = new Dictionary<long, BridgeRequest>();
        private readonly Queue<Report> _refused = new Queue<Report>();
        private readonly Func<IWebSocket> _makeSocket;
        private readonly Func<double> _clock;
        private readonly Func<double> _random;
        private readonly bool _isThreaded;
        private readonly Action<BridgeRequest> _cancel;
        private SessionHost _host;
        private SessionThread _thread;
        private long _lastId;

        /// <param name="makeSocket">Makes the socket of a session; null for the platform's own.</param>
        /// <param name="clock">Seconds that only grow, asked from several threads; null for the system's.</param>
        /// <param name="random">Gives numbers in [0, 1), on the session's thread; null for the system's.</param>
        /// <param name="isThreaded">Whether sessions have threads of their own; null for the platform's way.</param>
        public BridgeConnection(
            Func<IWebSocket> makeSocket = null,
            Func<double> clock = null,
            Func<double> random = null,
            bool? isThreaded = null)
        {
            _makeSocket = makeSocket ?? PlatformSocket.Make;
            _clock = clock ?? (() => Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency);
            _random = random ?? new Random().NextDouble;
            _isThreaded = isThreaded ?? PlatformSocket.HasThreads;
            _cancel = Cancel;
        }

        /// <summary>There is a connection; true if the session lived on.</summary>
        public event Action<bool> Connected;

        /// <summary>The connection is gone: its close code, and in how many seconds it is tried again.</summary>
        public event Action<int, double> Disconnected;

        /// <summary>The server no longer knew the session; open requests were sent again.</summary>
        public event Action SessionLost;

        /// <summary>
        /// Something went wrong that is not about one request. After <c>cannot_connect</c> and <c>unauthorized</c> it
        /// is not tried again; <see cref="Open"/> begins anew.
        /// </summary>
        public event Action<BridgeError> ErrorOccurred;

        /// <summary>A request was made, whoever made it.</summary>
        public event Action<BridgeRequest> RequestStarted;

        /// <summary>The answer to a ping: the round trip and the server's clock, both in seconds.</summary>
        public event Action<double, double> PingMeasured;

        /// <summary>The server erased so many items of this scope; see <see cref="Forget"/>.</summary>
        public event Action<string, long> Forgotten;

        /// <summary>Whether it was opened and has neither been closed nor given up.</summary>
        public bool IsOpen { get; private set; }

        /// <summary>Whether there is a connection at present.</summary>
        public bool IsConnected { get; private set; }

        /// <summary>What the server can answer: one entry per request kind.</summary>
        public BridgeMap Capabilities { get; private set; } = new BridgeMap(0);

        /// <summary>The server's limits.</summary>
        public BridgeMap Limits { get; private set; } = new BridgeMap(0);

        /// <summary>Name and version of the server.</summary>
        public BridgeMap Server { get; private set; } = new BridgeMap(0);

        /// <summary>Name of the session; empty before the first connection.</summary>
        public string Session { get; private set; } = "";

        /// <summary>How many connections there were since <see cref="Open"/>.</summary>
        public int NConnections { get; private set; }

        /// <summary>Bytes that have arrived since <see cref="Open"/>.</summary>
        public long NReceivedBytes => _host?.NReceivedBytes ?? 0;

        /// <summary>Requests without an end.</summary>
        public IReadOnlyCollection<BridgeRequest> OpenRequests => _requests.Values;

        /// <summary>Connects, instead of an older connection.</summary>
        /// <param name="options">Must not be changed any more.</param>
        public void Open(BridgeOptions options)
        {
            Close();
            IWebSocket socket = _makeSocket();
            _host = new SessionHost(options, socket, _clock, _random);
            NConnections = 0;
            Session = "";
            IsOpen = true;
            if (_isThreaded)
            {
                _thread = new SessionThread(_host);
                socket.Woken = _thread.Wake;
                _thread.Start();
            }
            else
            {
                _host.Start();
            }
        }

        /// <summary>Closes the connection. Open requests fail with <c>cancelled</c>.</summary>
        public void Close()
        {
            EndSession();
            IsOpen = false;
            FailAll(new BridgeError("cancelled", "The connection was closed."));
        }

        /// <summary>Closes the connection and lets go of everything.</summary>
        public void Dispose()
        {
            Close();
        }

        /// <summary>
        /// Tells what has happened, and reads what arrived where the session has no thread, for as long as
        /// <paramref name="mayGoOn"/> says: one thing of each a call at least. To be called once a frame.
        /// </summary>
        public void Update(Func<bool> mayGoOn)
        {
            // Whoever asks again because it was refused is told in the next frame.
            for (int left = _refused.Count; left > 0 && _refused.Count > 0; left--)
            {
                Take(_refused.Dequeue());
            }
            // What was read in the last frame goes first: reading on must not keep it waiting.
            bool mayTell = Tell(mayGoOn);
            if (_thread == null && _host != null)
            {
                _host.Advance(mayGoOn);
                _ = mayTell && Tell(mayGoOn);
            }
        }

        /// <summary>
        /// Asks for something. Without a connection the request waits for one; one that can't be made fails within the
        /// next <see cref="Update"/>.
        /// </summary>
        /// <param name="kind">Such as <c>dialogue</c>, <c>texture</c> or <c>mesh</c>.</param>
        /// <param name="parameters">As the kind takes them; must not be changed any more.</param>
        /// <param name="options">How it is asked for; null for the usual.</param>
        /// <returns>Tells by its events how it goes on.</returns>
        public BridgeRequest Request(string kind, BridgeMap parameters, RequestOptions options = null)
        {
            options ??= new RequestOptions();
            var request = new BridgeRequest(++_lastId, kind, parameters, options.Anchor, _cancel);
            _requests[request.Id] = request;
            if (!IsOpen)
            {
                _refused.Enqueue(Report.Failed(request.Id, SessionHost.NotOpen()));
            }
            else
            {
                Give(request, options);
            }
            RequestStarted?.Invoke(request);
            return request;
        }

        /// <summary>Stops a request, which ends in the error <c>cancelled</c> unless it has ended already.</summary>
        public void Cancel(BridgeRequest request)
        {
            if (request != null && _requests.ContainsKey(request.Id))
            {
                _host?.Give(new Order(OrderKind.Cancel, request.Id));
            }
        }

        /// <summary>Says that an asset is not wanted, so that no more of it is sent.</summary>
        public void Skip(BridgeAsset asset)
        {
            _host?.Give(new Order(OrderKind.Skip, asset.Number));
        }

        /// <summary>
        /// Says how many characters of an answer the player has seen or heard, counted as code points; what the
        /// character remembers is cut there.
        /// </summary>
        public void Heard(BridgeRequest answer, int nCharacters)
        {
            _host?.Give(new Order(OrderKind.Heard, answer.Id, nCharacters));
        }

        /// <summary>
        /// Says what the player sees and is. It is copied at once, takes no memory, and the newest goes out as often as
        /// the server wants.
        /// </summary>
        /// <exception cref="MessagePackException">
        /// If a part of it can't be sent, such as a number that is not finite.
        /// </exception>
        public void UpdateContext(BridgeContext context)
        {
            _host?.Context.Put(context);
        }

        /// <summary>
        /// Has the server erase what it has stored about this <c>session</c> or this <c>player</c>, asked again after a
        /// lost connection until <see cref="Forgotten"/> answers. A lost session can't be erased any more: an error.
        /// </summary>
        public void Forget(string scope)
        {
            // Which session is meant is decided here: by the time the order is carried out it may be another one.
            Give(new Order(OrderKind.Forget, scope: scope, session: Session));
        }

        /// <summary>Measures a round trip; <see cref="PingMeasured"/> answers.</summary>
        public void Ping()
        {
            Give(new Order(OrderKind.Ping));
        }

        /// <summary>
        /// Drops the connection as a bad network would, to try out what a scene does then. Nothing is lost.
        /// </summary>
        public void DropConnection()
        {
            _host?.Give(new Order(OrderKind.Drop));
        }

        /// <summary>
        /// Finds out at once what became of the connection, because the application was away for a while; a lost one
        /// is tried again without waiting.
        /// </summary>
        public void Hurry()
        {
            _host?.Give(new Order(OrderKind.Hurry));
        }

        /// <summary>Tells what waits to be told, one thing at least; false if there is no time left.</summary>
        private bool Tell(Func<bool> mayGoOn)
        {
            // What a listener does may end this session and open another.
            while (_host != null && _host.Reports.TryTake(out Report report))
            {
                Take(report);
                if (!mayGoOn())
                {
                    return false;
                }
            }
            return true;
        }

        private void Give(BridgeRequest request, RequestOptions options)
        {
            try
            {
                byte[] message = options.Encode(request);
                _host.Give(new Order(OrderKind.Request, request.Id, message: message, isResent: options.IsResent));
            }
            catch (MessagePackException fault)
            {
                _refused.Enqueue(Report.Failed(request.Id, new BridgeError(
                    "invalid_params", $"The request can't be sent: {fault.Message}.", field: "params")));
            }
        }

        private void Give(in Order order)
        {
            if (_host != null)
            {
                _host.Give(order);
            }
            else
            {
                _refused.Enqueue(Report.Complained(SessionHost.NotOpen()));
            }
        }

        private void Take(in Report report)
        {
            switch (report.Kind)
            {
                case ReportKind.Connecting:
                    NConnections = (int)report.Whole;
                    break;
                case ReportKind.Welcomed:
                    Welcome(report);
                    break;
                case ReportKind.Lost:
                    IsConnected = false;
                    Disconnected?.Invoke((int)report.Whole, report.Number);
                    break;
                case ReportKind.GaveUp:
                    GiveUp(report.Error);
                    break;
                case ReportKind.SessionLost:
                    SessionLost?.Invoke();
                    break;
                case ReportKind.Complained:
                    ErrorOccurred?.Invoke(report.Error);
                    break;
                case ReportKind.Ponged:
                    PingMeasured?.Invoke(report.Number, report.Whole / 1e6);
                    break;
                case ReportKind.Forgot:
                    Forgotten?.Invoke(report.Text, report.Whole);
                    break;
                default:
                    TellRequest(report);
                    break;
            }
        }

        private void Welcome(in Report report)
        {
            IsConnected = true;
            Session = report.Text;
            Capabilities = report.Map.MapOf("capabilities");
            Limits = report.Map.MapOf("limits");
            Server = report.Map.MapOf("server");
            Connected?.Invoke(report.Whole != 0);
        }

        private void GiveUp(BridgeError error)
        {
            EndSession();
            IsOpen = false;
            FailAll(error);
            ErrorOccurred?.Invoke(error);
        }

        private void TellRequest(in Report report)
        {
            if (report.Kind == ReportKind.AssetGrew)
            {
                report.Asset.GrowthTold();
            }
            if (!_requests.TryGetValue(report.Id, out BridgeRequest request))
            {
                if (report.Kind == ReportKind.AssetReceived)
                {
                    report.Asset.Release();
                }
                return;
            }
            if (report.Kind == ReportKind.Completed || report.Kind == ReportKind.Failed)
            {
                _requests.Remove(report.Id);
            }
            request.Take(report);
        }

        private void EndSession()
        {
            IsConnected = false;
            if (_thread != null)
            {
                _thread.Stop();
            }
            else
            {
                _host?.End();
            }
            _thread = null;
            _host = null;
        }

        private void FailAll(BridgeError error)
        {
            var open = new List<BridgeRequest>(_requests.Values);
            _requests.Clear();
            foreach (BridgeRequest request in open)
            {
                request.Fail(error);
            }
        }
    }
}
