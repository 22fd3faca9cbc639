using System;
using System.Collections.Generic;
using System.Threading;
using NUnit.Framework;

namespace VRBridge.Core.Tests
{
    /// <summary>What a scene sees of its connection, in whose frames everything is told.</summary>
    [TestFixture]
    public sealed class ConnectionTests
    {
        private FakeSocket _socket;
        private BridgeConnection _bridge;
        private double _nowS;
        private int _seq;

        [SetUp]
        public void Connect()
        {
            _nowS = 0;
            _seq = 0;
            _socket = new FakeSocket();
            _bridge = new BridgeConnection(() => _socket, () => _nowS, () => 0.5, false);
            _bridge.Open(new BridgeOptions());
            _socket.State = SocketState.Open;
            Update();
            Hear(new BridgeMap
            {
                { "type", "welcome" },
                { "version", 1 },
                { "session", "s" },
                { "capabilities", new BridgeMap { { "mesh", new BridgeMap() } } },
                { "server", new BridgeMap { { "name", "vrbridge" } } },
            });
        }

        [TearDown]
        public void Close()
        {
            _bridge.Dispose();
        }

        [Test]
        public void A_welcome_is_told_and_kept()
        {
            Assert.That(_bridge.IsConnected);
            Assert.That(_bridge.Session, Is.EqualTo("s"));
            Assert.That(_bridge.Capabilities.Contains("mesh"));
            Assert.That(_bridge.Server.Text("name"), Is.EqualTo("vrbridge"));
            Assert.That(_bridge.NConnections, Is.EqualTo(1));
        }

        [Test]
        public void A_frame_takes_one_thing_at_least_and_no_more_than_it_has_time_for()
        {
            BridgeRequest request = Ask();
            var told = new List<string>();
            request.TextReceived += (text, _) => told.Add(text);
            Update();
            for (int piece = 0; piece < 3; piece++)
            {
                Queue(new BridgeMap { { "type", "text" }, { "id", 1 }, { "text", "x" }, { "offset", piece } });
            }
            _bridge.Update(() => false);
            Assert.That(told.Count, Is.EqualTo(1));
            _bridge.Update(() => false);
            Assert.That(told.Count, Is.EqualTo(2));
            _bridge.Update(() => true);
            Assert.That(told.Count, Is.EqualTo(3));
        }

        [Test]
        public void A_frame_reads_no_more_than_it_has_time_for_where_the_session_has_no_thread()
        {
            int nTold = 0;
            Ask().TextReceived += (_, __) => nTold++;
            Update();
            for (int piece = 0; piece < 12; piece++)
            {
                Queue(new BridgeMap { { "type", "text" }, { "id", 1 }, { "text", "x" }, { "offset", piece } });
            }
            _bridge.Update(() => false);
            Assert.That(_socket.NWaiting, Is.EqualTo(11), "one at least");
            Assert.That(nTold, Is.EqualTo(1));
            UpdateFor(3);
            Assert.That(_socket.NWaiting, Is.EqualTo(7), "one, and three more in time");
            Assert.That(nTold, Is.EqualTo(2));
            UpdateFor(3);
            Assert.That(nTold, Is.EqualTo(6), "what was read before comes before more is read");
            Assert.That(_socket.NWaiting, Is.EqualTo(6));
        }

        [Test]
        public void A_request_is_told_to_whoever_listens_and_can_be_awaited()
        {
            BridgeRequest started = null;
            _bridge.RequestStarted += made => started = made;
            BridgeRequest request = Ask();
            Assert.That(started, Is.SameAs(request));
            System.Threading.Tasks.Task<BridgeMap> task = request.AsTask();
            Update();
            Hear(new BridgeMap { { "type", "done" }, { "id", 1 }, { "result", new BridgeMap { { "n", 7 } } } });
            Assert.That(request.IsEnded);
            Assert.That(task.Result.Whole("n"), Is.EqualTo(7));
            Assert.That(request.AsTask(), Is.SameAs(task));
            Assert.That(_bridge.OpenRequests, Is.Empty);
        }

        [Test]
        public void A_failed_request_throws_for_whoever_awaits_it()
        {
            BridgeRequest request = Ask();
            Update();
            Hear(new BridgeMap { { "type", "error" }, { "id", 1 }, { "code", "refused" }, { "message", "No." } });
            var fault = (BridgeException)request.AsTask().Exception.InnerException;
            Assert.That(fault.Error.Code, Is.EqualTo("refused"));
            Assert.That(fault.Message, Is.EqualTo("refused: No."));
        }

        [Test]
        public void A_listener_that_throws_loses_nothing_but_its_own_part()
        {
            BridgeRequest request = Ask();
            int nTold = 0;
            request.TextReceived += (_, __) =>
            {
                nTold++;
                throw new InvalidOperationException();
            };
            Update();
            Queue(new BridgeMap { { "type", "text" }, { "id", 1 }, { "text", "a" }, { "offset", 0 } });
            Queue(new BridgeMap { { "type", "text" }, { "id", 1 }, { "text", "b" }, { "offset", 1 } });
            Assert.That(() => Update(), Throws.TypeOf<InvalidOperationException>());
            Assert.That(() => Update(), Throws.TypeOf<InvalidOperationException>());
            Assert.That(nTold, Is.EqualTo(2));
            Update();
        }

        [Test]
        public void A_listener_may_close_the_connection_and_open_another()
        {
            BridgeRequest request = Ask();
            request.Failed += error => _bridge.Open(new BridgeOptions());
            Update();
            Queue(new BridgeMap { { "type", "text" }, { "id", 1 }, { "text", "a" }, { "offset", 0 } });
            _bridge.Close();
            Assert.That(request.Error.Code, Is.EqualTo("cancelled"));
            Assert.That(_socket.NOpened, Is.EqualTo(2));
            Assert.That(_bridge.IsOpen);
            Assert.That(_bridge.IsConnected, Is.False);
        }

        [Test]
        public void Assets_that_nobody_listens_to_are_released_by_themselves()
        {
            Ask();
            Update();
            byte[] body = SessionDesk.Bytes(1 << 20);
            for (int number = 0; number < 12; number++)
            {
                Send(number, body);
            }
            Assert.That(_socket.SentOf("credit").Count, Is.EqualTo(12), "8 MiB may be held");
        }

        [Test]
        public void Credit_waits_for_assets_that_are_held()
        {
            BridgeRequest request = Ask();
            var held = new List<BridgeAsset>();
            request.AssetReceived += held.Add;
            Update();
            byte[] body = SessionDesk.Bytes(1 << 20);
            for (int number = 0; number < 9; number++)
            {
                Send(number, body);
            }
            int nCredits = _socket.SentOf("credit").Count;
            Send(9, body);
            Assert.That(_socket.SentOf("credit").Count, Is.EqualTo(nCredits));
            held.ForEach(asset => asset.Release());
            Update();
            Assert.That(_socket.SentOf("credit").Count, Is.EqualTo(nCredits + 1));
        }

        [Test]
        public void A_connection_that_is_lost_and_given_up_ends_everything()
        {
            BridgeRequest request = Ask();
            int nLost = 0;
            var errors = new List<string>();
            _bridge.Disconnected += (code, retryInS) => nLost += code == 1006 && retryInS > 0 ? 1 : 0;
            _bridge.ErrorOccurred += error => errors.Add(error.Code);
            Update();
            _socket.CloseCode = 1006;
            _socket.State = SocketState.Closed;
            Update();
            Assert.That(nLost, Is.EqualTo(1));
            Assert.That(_bridge.IsConnected, Is.False);
            Assert.That(_bridge.IsOpen);
            _nowS = 1;
            Update();
            _socket.CloseCode = 4501;
            _socket.State = SocketState.Closed;
            Update();
            Assert.That(errors, Is.EqualTo(new[] { "unauthorized" }));
            Assert.That(request.Error.Code, Is.EqualTo("unauthorized"));
            Assert.That(_bridge.IsOpen, Is.False);
            Assert.That(_socket.IsDisposed);
        }

        [Test]
        public void Whoever_asks_again_at_once_is_told_in_the_next_frame()
        {
            _bridge.Close();
            int nFailed = 0;
            void Ask()
            {
                _bridge.Request("texture", new BridgeMap()).Failed += error =>
                {
                    nFailed++;
                    Ask();
                };
            }
            Ask();
            Update();
            Assert.That(nFailed, Is.EqualTo(1));
            Update();
            Assert.That(nFailed, Is.EqualTo(2));
        }

        [Test]
        public void A_fault_of_the_client_itself_ends_the_session_and_gives_nothing_away()
        {
            var socket = new FakeSocket { Fault = new IndexOutOfRangeException("what a player said") };
            using var bridge = new BridgeConnection(() => socket, isThreaded: true);
            BridgeError told = null;
            bridge.ErrorOccurred += error => told = error;
            bridge.Open(new BridgeOptions());
            BridgeRequest request = bridge.Request("texture", new BridgeMap());
            Assert.That(SpinWait.SpinUntil(() => HasEnded(bridge), 10000));
            Assert.That(told.Code, Is.EqualTo("internal"));
            Assert.That(told.Message.Contains("player"), Is.False);
            StringAssert.Contains("IndexOutOfRangeException", told.Message);
            Assert.That(request.Error, Is.SameAs(told));
            Assert.That(bridge.IsOpen, Is.False);
        }

        [Test]
        public void Closing_says_farewell()
        {
            _bridge.Close();
            Assert.That(_socket.ClosedWith, Is.EqualTo(1000));
            Assert.That(_socket.IsDisposed);
            _bridge.Close();
        }

        [Test]
        public void A_request_goes_out_with_all_that_it_was_asked_with()
        {
            _bridge.Request("texture", new BridgeMap { { "prompt", "x" } }, new RequestOptions
            {
                Priority = "background",
                DeadlineS = 2.5,
                Slot = "wall",
                Anchor = new BridgeMap { { "object", "wall" } },
            });
            Update();
            Assert.That(Meaning.Of(_socket.SentOf("request")[0]), Is.EqualTo(
                "{anchor: {object: \"wall\" } deadline_s: 2.5 id: 1 kind: \"texture\" params: {prompt: \"x\" } "
                + "priority: \"background\" slot: \"wall\" type: \"request\" }"));
        }

        [Test]
        public void A_context_that_cannot_be_sent_is_refused_and_none_goes_out()
        {
            var context = new BridgeContext { Gaze = new BridgeVector(float.NaN, 0, 0) };
            Assert.That(() => _bridge.UpdateContext(context), Throws.TypeOf<MessagePackException>());
            Update();
            Assert.That(_socket.SentOf("context"), Is.Empty);
            context.Gaze = null;
            _bridge.UpdateContext(context);
            Update();
            Assert.That(_socket.SentOf("context").Count, Is.EqualTo(1));
            _bridge.UpdateContext(context);
            context.Gaze = new BridgeVector(0, float.PositiveInfinity, 0);
            Assert.That(() => _bridge.UpdateContext(context), Throws.TypeOf<MessagePackException>());
            _nowS = 1;
            Update();
            Assert.That(_socket.SentOf("context").Count, Is.EqualTo(1), "the older one is not what the player sees");
        }

        [Test]
        public void What_the_player_sees_goes_out_before_a_question_about_it()
        {
            _bridge.UpdateContext(new BridgeContext { Place = "gate" });
            Update();
            _bridge.UpdateContext(new BridgeContext { Place = "forge" });
            Update();
            Assert.That(_socket.SentOf("context").Count, Is.EqualTo(1), "not so often");
            Ask();
            Update();
            List<BridgeMap> sent = _socket.Sent;
            Assert.That(sent[sent.Count - 2].Text("place"), Is.EqualTo("forge"));
            Assert.That(sent[sent.Count - 1].Text("type"), Is.EqualTo("request"));
        }

        private static bool HasEnded(BridgeConnection bridge)
        {
            bridge.Update(() => true);
            return !bridge.IsOpen;
        }

        private BridgeRequest Ask()
        {
            return _bridge.Request("texture", new BridgeMap { { "prompt", "stone" } });
        }

        private void UpdateFor(int nSteps)
        {
            _bridge.Update(() => nSteps-- > 0);
        }

        private void Update()
        {
            _bridge.Update(() => true);
        }

        private void Hear(BridgeMap message)
        {
            Queue(message);
            Update();
        }

        private void Queue(BridgeMap message)
        {
            string type = message.Text("type");
            if (type != "welcome" && type != "chunk")
            {
                _seq++;
                message["seq"] = _seq;
            }
            _socket.Say(MessagePackWriter.Encode(message));
        }

        private void Send(int number, byte[] body)
        {
            Hear(new BridgeMap
            {
                { "type", "asset" }, { "id", 1 }, { "asset", number }, { "role", "r" }, { "bytes", body.Length },
                { "digest", SessionDesk.DigestOf(body) },
            });
            Hear(new BridgeMap { { "type", "chunk" }, { "asset", number }, { "offset", 0 }, { "data", body } });
        }
    }
}
