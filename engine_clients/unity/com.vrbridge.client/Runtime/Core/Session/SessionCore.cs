using System;

namespace VRBridge.Core
{
    /// <summary>
    /// One session with a server, over as many connections as it takes: messages in, messages and reports out, no
    /// socket, no thread and no clock.
    /// </summary>
    internal sealed class SessionCore : IDisposable
    {
        /// <summary>Version of the protocol.</summary>
        internal const int Version = 1;

        // An acknowledgement a message would double the packets; the end of a request is told at once.
        private const int _ackEvery = 16;
        private const int _notMessagePack = 1007;
        private const int _brokenProtocol = 1002;
        private const int _otherVersion = 4526;
        private const int _gap = 4010;

        private readonly BridgeOptions _options;
        private readonly IReportSink _reports;
        private readonly Intake _intake;
        private readonly RequestLedger _requests;
        private readonly Deliveries _deliveries;
        private readonly Erasures _erasures = new Erasures();
        private string _secret = "";
        private long _acknowledged;

        /// <param name="options">What <c>hello</c> says.</param>
        /// <param name="reports">Takes what there is to tell.</param>
        internal SessionCore(BridgeOptions options, IReportSink reports)
        {
            _options = options;
            _reports = reports;
            _intake = new Intake(options.Window(), options.MaxHeldBytes);
            _requests = new RequestLedger(reports);
            _deliveries = new Deliveries(_intake, _requests, Outbox, reports);
        }

        /// <summary>The server drains; it can be reached again after so many seconds.</summary>
        internal event Action<double> WentAway;

        /// <summary>The server answered a ping: its <c>t</c> and the server's clock, in seconds.</summary>
        internal event Action<double, double> Ponged;

        /// <summary>What is to be sent.</summary>
        internal Outbox Outbox { get; } = new Outbox();

        /// <summary>The server's limits.</summary>
        internal BridgeMap Limits { get; private set; } = new BridgeMap(0);

        /// <summary>Name of the session; empty before the first welcome.</summary>
        internal string Session { get; private set; } = "";

        /// <summary>Highest <c>seq</c> that was processed.</summary>
        internal long Received { get; private set; }

        /// <summary>Whether the present connection was answered with a welcome.</summary>
        internal bool IsWelcome { get; private set; }

        /// <summary>How many requests have no end.</summary>
        internal int NOpenRequests => _requests.Count;

        /// <summary>Gives buffers back.</summary>
        public void Dispose()
        {
            Outbox.Dispose();
        }

        /// <summary>Begins a connection: <c>hello</c> is the next message to send, credit starts anew.</summary>
        internal void StartConnection()
        {
            IsWelcome = false;
            _intake.StartConnection();
            Outbox.Clear();
            BridgeMap hello = _options.Hello();
            if (Session.Length > 0)
            {
                hello["resume"] = new BridgeMap
                {
                    { "session", Session },
                    { "secret", _secret },
                    { "received", Received },
                    { "assets", _intake.Unfinished() },
                };
            }
            Outbox.Add(hello);
        }

        /// <summary>Notes that the connection is gone; what was not sent is built again for the next one.</summary>
        internal void EndConnection()
        {
            IsWelcome = false;
            Outbox.Clear();
        }

        /// <summary>Enters a request; one that can't be made fails.</summary>
        internal void Request(OpenRequest request)
        {
            BridgeError refusal = _requests.Enter(request, Limits);
            if (refusal != null)
            {
                _reports.Add(Report.Failed(request.Id, refusal));
            }
            else if (IsWelcome)
            {
                Outbox.AddKept(request.Message);
            }
        }

        /// <summary>Asks the server to stop; nothing happens if the request has ended.</summary>
        internal void Cancel(long id)
        {
            if (_requests.Cancel(id) && IsWelcome)
            {
                Outbox.Add("cancel", "id", id);
            }
        }

        /// <summary>Queues a message that belongs to no request; false if there is no connection to take it.</summary>
        internal bool Send(ReadOnlySpan<byte> message)
        {
            if (!IsWelcome || Outbox.IsFull)
            {
                return false;
            }
            Outbox.Add(message);
            return true;
        }

        /// <summary>Asks to erase what is stored, until there is an answer; false if too many are waited for.</summary>
        /// <param name="scope"><c>session</c> or <c>player</c>.</param>
        /// <param name="session">The session that is meant; empty if it is the first.</param>
        internal bool Forget(string scope, string session)
        {
            bool isLost = session.Length > 0 && session != Session;
            bool isNoted = _erasures.TryAdd(scope, isLost, _reports, out bool isAsked);
            if (isAsked && IsWelcome)
            {
                Outbox.AddForget(scope);
            }
            return isNoted;
        }

        /// <summary>Asks for a sign of life; false if there is no connection.</summary>
        internal bool Ping(double nowS)
        {
            if (!IsWelcome || Outbox.IsFull)
            {
                return false;
            }
            Outbox.AddPing(nowS);
            return true;
        }

        /// <summary>Says how much of an answer was heard; said again on the session's next connections.</summary>
        internal void Heard(long id, long nCharacters)
        {
            Outbox.NoteHeard(id, nCharacters);
            if (IsWelcome && !Outbox.IsFull)
            {
                Outbox.AddHeard(id, nCharacters);
            }
        }

        /// <summary>Says that an asset is not wanted, or known already: no more of it comes.</summary>
        internal void Skip(long asset)
        {
            if (_intake.Drop(asset) && IsWelcome)
            {
                Outbox.Add("skip", "asset", asset);
            }
        }

        /// <summary>Notes that the bytes of complete assets are not held any more, so that more may come.</summary>
        internal void Consumed(long nBytes)
        {
            _intake.Consumed(nBytes);
            if (IsWelcome)
            {
                _deliveries.Grant();
            }
        }

        /// <summary>Acknowledges what is not acknowledged yet.</summary>
        internal void Flush()
        {
            if (IsWelcome && Received > _acknowledged)
            {
                _acknowledged = Received;
                Outbox.Add("ack", "received", Received);
            }
        }

        /// <summary>Ends every open request.</summary>
        internal void FailAll(BridgeError error)
        {
            _intake.Clear();
            _requests.FailAll(error);
        }

        /// <summary>Takes one message from the server.</summary>
        /// <exception cref="MustCloseException">
        /// If messages were lost (4010) or the server doesn't keep to the protocol.
        /// </exception>
        internal void Receive(ReadOnlySpan<byte> bytes)
        {
            try
            {
                if (ChunkMessage.TryRead(bytes, out ChunkMessage chunk))
                {
                    CheckWelcome();
                    _deliveries.Take(chunk);
                }
                else
                {
                    Receive(MessagePackReader.Decode(bytes).AsMap());
                }
            }
            catch (MessagePackException)
            {
                throw new MustCloseException(_notMessagePack, "not MessagePack");
            }
        }

        private void Receive(BridgeMap message)
        {
            string type = message?.Text("type") ?? "";
            if (type.Length == 0)
            {
                throw new MustCloseException(_notMessagePack, "not a message");
            }
            if (type == "welcome")
            {
                Welcome(message);
                return;
            }
            CheckWelcome();
            if (type == "done" && _intake.HasUnfinished(message.Whole("id", -1)))
            {
                // Its end comes after its last chunk: something was lost, and it is not counted as seen.
                throw new MustCloseException(_gap, "end before the last chunk");
            }
            if (ServerMessages.IsSequenced(type, message))
            {
                Count(message["seq"]);
            }
            Dispatch(type, message);
            if (Received - _acknowledged >= _ackEvery || type == "done" || type == "error")
            {
                Flush();
            }
        }

        private void Count(BridgeValue seq)
        {
            if (seq.Kind != BridgeKind.Whole)
            {
                throw new MustCloseException(_brokenProtocol, "malformed seq");
            }
            if (seq.AsWhole() != Received + 1)
            {
                throw new MustCloseException(_gap, $"gap: {Received} then {seq.AsWhole()}");
            }
            Received++;
        }

        private void Dispatch(string type, BridgeMap message)
        {
            switch (type)
            {
                case "asset":
                    _deliveries.Announce(message);
                    break;
                case "pong":
                    Ponged?.Invoke(message.Number("t"), message.Number("server_s"));
                    break;
                case "forgotten":
                    _erasures.Answer(message.Text("scope"));
                    _reports.Add(Report.Forgot(message.Text("scope"), message.Whole("items")));
                    break;
                case "goaway":
                    WentAway?.Invoke(message.Number("reconnect_after_s"));
                    break;
                case "error":
                    TakeError(message);
                    break;
                case "done":
                    long id = message.Whole("id", -1);
                    End(id, Report.Completed(id, message.MapOf("result"), message.MapOf("timing")));
                    break;
                case "accepted":
                case "progress":
                case "text":
                case "action":
                    _requests.Tell(type, message);
                    break;
            }
        }

        private void TakeError(BridgeMap message)
        {
            BridgeError error = BridgeError.Of(message);
            if (message["id"].IsNil)
            {
                _erasures.Answer(error);
                _reports.Add(Report.Complained(error));
            }
            else
            {
                long id = message.Whole("id", -1);
                End(id, Report.Failed(id, error));
            }
        }

        private void End(long id, in Report how)
        {
            _intake.DropAllOf(id);
            _requests.End(id, how);
        }

        private void Welcome(BridgeMap message)
        {
            if (message.Whole("version", -1) != Version)
            {
                throw new MustCloseException(_otherVersion, $"protocol version {message.Whole("version", -1)}");
            }
            bool hadSession = Session.Length > 0;
            bool isResumed = message.Truth("resumed");
            Session = message.Text("session");
            _secret = message.Text("secret");
            IsWelcome = true;
            Limits = message.MapOf("limits");
            if (isResumed)
            {
                // The first acknowledgement retires the previous secret.
                _acknowledged = -1;
            }
            else
            {
                Received = 0;
                _acknowledged = 0;
                _intake.Clear();
                if (hadSession)
                {
                    Outbox.ForgetHeard();
                    _reports.Add(Report.SessionLost());
                    _requests.Restart();
                    _erasures.LoseSession(_reports);
                }
            }
            Repeat();
            if (isResumed)
            {
                Flush();
            }
            _reports.Add(Report.Welcomed(Session, isResumed, ServerMessages.Facts(message)));
        }

        /// <summary>Says on a new connection what the server may not have heard on the last one.</summary>
        private void Repeat()
        {
            foreach (OpenRequest request in _requests.InOrder())
            {
                // The id makes this safe: a request that did arrive never runs twice.
                if (!request.IsAccepted)
                {
                    Outbox.AddKept(request.Message);
                }
                if (request.IsCancelled)
                {
                    Outbox.Add("cancel", "id", request.Id);
                }
            }
            Outbox.AddHeardAgain();
            _erasures.AskAgain(Outbox);
        }

        private void CheckWelcome()
        {
            if (!IsWelcome)
            {
                throw new MustCloseException(_brokenProtocol, "a message before the welcome");
            }
        }
    }
}
