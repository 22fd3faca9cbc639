using System;

namespace VRBridge.Core
{
    /// <summary>Where a <see cref="Link"/> is in connecting.</summary>
    internal enum LinkPhase
    {
        Idle,
        Waiting,
        Opening,
        Greeting,
        Welcome,
        Closing,
        Ended,
    }

    /// <summary>
    /// Keeps one session connected: connects, greets, notices a dead server, waits and tries again. Time is passed in.
    /// </summary>
    internal sealed class Link
    {
        private const double _openTimeoutS = 10;
        private const double _closeTimeoutS = 2;

        // Acknowledgements that are not due yet wait no longer than this.
        private const double _flushS = 0.2;

        // How long the greeting of a connection that is gone may still be on its way.
        private const double _lateS = 30;
        private const double _defaultContextHz = 20;
        private const double _minContextHz = 0.1;
        private const int _goingAway = 1001;
        private const int _textMessage = 1003;
        private const int _cut = 1006;

        private readonly SessionCore _core;
        private readonly IWebSocket _socket;
        private readonly IReportSink _reports;
        private readonly BridgeOptions _options;
        private readonly Func<double> _random;
        private readonly ContextSlot _context;
        private readonly Heartbeat _heartbeat = new Heartbeat();
        private double _nowS;
        private double _untilS;
        private double? _lostAtS;
        private double? _leaveAtS;
        private double _unansweredAtS = double.NegativeInfinity;
        private double _pauseS;
        private double _flushAtS;
        private double _contextDueS;
        private int _attempt;

        // What this side closes with, until the other side has answered.
        private int _closingCode;

        /// <param name="core">The session.</param>
        /// <param name="socket">Carries it.</param>
        /// <param name="reports">Takes what there is to tell.</param>
        /// <param name="options">Where to connect to.</param>
        /// <param name="context">What the player sees.</param>
        /// <param name="random">Gives numbers in [0, 1) for the waits.</param>
        internal Link(
            SessionCore core,
            IWebSocket socket,
            IReportSink reports,
            BridgeOptions options,
            ContextSlot context,
            Func<double> random)
        {
            _core = core;
            _socket = socket;
            _reports = reports;
            _options = options;
            _context = context;
            _random = random;
            core.WentAway += GoAway;
            core.Ponged += (t, serverS) => _reports.Add(Report.Ponged(_nowS - t, serverS));
        }

        /// <summary>Where it is in connecting.</summary>
        internal LinkPhase Phase { get; private set; }

        /// <summary>How many connections there were.</summary>
        internal int NConnections { get; private set; }

        /// <summary>Bytes that have arrived, in all.</summary>
        internal long NReceivedBytes { get; private set; }

        private bool IsConnected => Phase == LinkPhase.Greeting || Phase == LinkPhase.Welcome;

        /// <summary>Begins to connect.</summary>
        internal void Start(double nowS)
        {
            _nowS = nowS;
            Connect();
        }

        /// <summary>Closes for good.</summary>
        internal void Stop()
        {
            if (Phase == LinkPhase.Welcome)
            {
                _core.Flush();
                SendAll();
            }
            if (Phase != LinkPhase.Idle && Phase != LinkPhase.Waiting && Phase != LinkPhase.Ended)
            {
                _socket.Close(1000, "");
            }
            _core.EndConnection();
            Phase = LinkPhase.Ended;
        }

        /// <summary>
        /// Does what is due, and takes messages as long as <paramref name="mayTake"/> says; to be called when the
        /// socket has something, and some times a second.
        /// </summary>
        internal void Advance(double nowS, Func<bool> mayTake)
        {
            _heartbeat.Note(_nowS, nowS);
            _nowS = nowS;
            if (Phase == LinkPhase.Waiting && nowS >= _untilS)
            {
                Connect();
            }
            if (Phase == LinkPhase.Opening && _socket.State == SocketState.Open)
            {
                Phase = LinkPhase.Greeting;
                SendAll();
            }
            // Looked at before the messages: what came before the close is taken first.
            bool isClosed = IsOnSocket() && _socket.State == SocketState.Closed;
            bool isEmpty = Take(mayTake);
            if (IsConnected && !isClosed)
            {
                LookAfter();
                SendAll();
            }
            EndIfOver(isClosed && isEmpty);
        }

        /// <summary>Sends what waits, if there is a connection.</summary>
        internal void SendNow()
        {
            if (Phase == LinkPhase.Welcome)
            {
                SendAll();
            }
        }

        /// <summary>Sends a context that waits for its turn at once, because what is sent next depends on it.</summary>
        internal void HastenContext()
        {
            _contextDueS = _nowS;
            SendContext();
        }

        /// <summary>Drops the connection as a bad network would; the session is resumed.</summary>
        internal void Drop()
        {
            if (Phase == LinkPhase.Opening || IsConnected)
            {
                _socket.Abort();
                End(_cut, "");
            }
        }

        /// <summary>
        /// Tries at once what would be tried later: the application was away, and nobody knows what became of the
        /// connection.
        /// </summary>
        internal void Hurry(double nowS)
        {
            _nowS = nowS;
            if (Phase == LinkPhase.Waiting)
            {
                _attempt = 0;
                _untilS = nowS;
            }
            else if (Phase == LinkPhase.Welcome && _core.Ping(nowS))
            {
                _heartbeat.ExpectSoon(nowS, NReceivedBytes);
            }
        }

        private bool IsOnSocket()
        {
            return Phase == LinkPhase.Opening || IsConnected || Phase == LinkPhase.Closing;
        }

        private void Connect()
        {
            NConnections++;
            _reports.Add(Report.Connecting(NConnections));
            _closingCode = 0;
            _core.StartConnection();
            Phase = LinkPhase.Opening;
            _untilS = _nowS + _openTimeoutS;
            if (!_socket.Open(ServerAddress.Of(_options.Url, _core.Session)))
            {
                _core.EndConnection();
                GiveUp(CloseCodes.NoAddress(_options.Url));
            }
        }

        /// <summary>Takes messages; false if some are left.</summary>
        private bool Take(Func<bool> mayTake)
        {
            while (Phase == LinkPhase.Closing && _socket.TryReceive(out _))
            {
                // Behind them is the answer to the close.
            }
            while (IsConnected)
            {
                if (!mayTake())
                {
                    return false;
                }
                if (!_socket.TryReceive(out SocketMessage message))
                {
                    return true;
                }
                NReceivedBytes += message.Length;
                Take(message);
            }
            return true;
        }

        private void Take(in SocketMessage message)
        {
            try
            {
                if (message.IsText)
                {
                    throw new MustCloseException(_textMessage, "text message");
                }
                _core.Receive(message.Span);
            }
            catch (MustCloseException fault)
            {
                Close(fault.Code, fault.Message);
                return;
            }
            if (Phase == LinkPhase.Greeting && _core.IsWelcome)
            {
                Greeted();
            }
            SendAll();
        }

        private void Greeted()
        {
            Phase = LinkPhase.Welcome;
            _attempt = 0;
            _lostAtS = null;
            _pauseS = 0;
            _leaveAtS = null;
            _heartbeat.Begin(_nowS);
        }

        private void LookAfter()
        {
            SendContext();
            if (_nowS >= _flushAtS)
            {
                _flushAtS = _nowS + _flushS;
                _core.Flush();
            }
            if (Phase == LinkPhase.Welcome)
            {
                switch (_heartbeat.Beat(_nowS, NReceivedBytes))
                {
                    case Pulse.Ask:
                        _core.Ping(_nowS);
                        break;
                    case Pulse.Dead:
                        Drop();
                        return;
                }
            }
            if (_leaveAtS.HasValue && _nowS >= _leaveAtS.Value && _core.NOpenRequests == 0)
            {
                // The time that the server told has been waited already.
                _pauseS = 0;
                _leaveAtS = null;
                Close(_goingAway, "the server is going away");
            }
        }

        private void SendContext()
        {
            if (_core.IsWelcome && _nowS >= _contextDueS && _context.Send(_core))
            {
                double rateHz = _core.Limits.Number("context_hz", _defaultContextHz);
                _contextDueS = _nowS + (1 / Math.Max(_minContextHz, rateHz));
            }
        }

        private void SendAll()
        {
            while (IsConnected && _core.Outbox.HasNext && _socket.TrySend(_core.Outbox.Next))
            {
                _core.Outbox.Sent();
            }
        }

        private void GoAway(double reconnectAfterS)
        {
            _pauseS = reconnectAfterS;
            _leaveAtS = _nowS + reconnectAfterS;
        }

        private void Close(int code, string reason)
        {
            _closingCode = code;
            Phase = LinkPhase.Closing;
            _untilS = _nowS + _closeTimeoutS;
            _socket.Close(code, reason);
        }

        private void EndIfOver(bool isClosed)
        {
            if (isClosed && IsOnSocket())
            {
                End(
                    _closingCode > 0 ? _closingCode : _socket.CloseCode,
                    _closingCode > 0 ? "" : _socket.CloseReason);
            }
            else if (IsOnSocket() && Phase != LinkPhase.Welcome && _nowS >= _untilS)
            {
                _socket.Abort();
                End(_closingCode > 0 ? _closingCode : _cut, "");
            }
        }

        private void End(int code, string reason)
        {
            bool wasWelcome = _core.IsWelcome;
            _core.EndConnection();
            _lostAtS ??= _nowS;
            if (CloseCodes.IsFinal(code) && !(code == CloseCodes.TakenOver && IsOwnGhost()))
            {
                GiveUp(CloseCodes.ErrorOf(code, reason));
                return;
            }
            if (!wasWelcome)
            {
                _unansweredAtS = _nowS;
            }
            if (_nowS - _lostAtS.Value > _options.GiveUpS)
            {
                GiveUp(CloseCodes.Unreachable(_options.Url));
                return;
            }
            double waitS = _pauseS + Backoff.WaitS(_attempt, _random());
            _pauseS = 0;
            _attempt++;
            Phase = LinkPhase.Waiting;
            _untilS = _nowS + waitS;
            _reports.Add(Report.Lost(code, waitS));
        }

        /// <summary>Whether what took over can be a connection that this side has given up; once for each.</summary>
        private bool IsOwnGhost()
        {
            bool isGhost = _nowS < _unansweredAtS + _lateS;
            _unansweredAtS = double.NegativeInfinity;
            return isGhost;
        }

        private void GiveUp(BridgeError error)
        {
            Phase = LinkPhase.Ended;
            _core.FailAll(error);
            _reports.Add(Report.GaveUp(error));
        }
    }
}
