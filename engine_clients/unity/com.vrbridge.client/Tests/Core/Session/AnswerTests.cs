using System.Collections.Generic;
using NUnit.Framework;

namespace VRBridge.Core.Tests
{
    /// <summary>Requests on one connection, from their making to their end.</summary>
    [TestFixture]
    public sealed class AnswerTests
    {
        [Test]
        public void A_greeting_says_who_and_what()
        {
            var desk = new SessionDesk();
            desk.Open();
            BridgeMap hello = desk.Socket.Sent[0];
            Assert.That(hello.Text("type"), Is.EqualTo("hello"));
            Assert.That(hello.Whole("version"), Is.EqualTo(1));
            Assert.That(hello.MapOf("client").Text("engine"), Is.EqualTo("unity"));
            BridgeMap receive = hello.MapOf("receive");
            Assert.That(receive.Whole("chunk_bytes"), Is.EqualTo(1024));
            Assert.That(receive.Whole("window_bytes"), Is.EqualTo(4096));
            Assert.That(receive.Contains("texture_formats"), Is.False);
            Assert.That(hello.Contains("token"), Is.False);
            Assert.That(hello.Contains("resume"), Is.False);
            desk.Greet();
            Assert.That(desk.Link.Phase, Is.EqualTo(LinkPhase.Welcome));
        }

        [Test]
        public void A_greeting_holds_the_token_and_what_the_scene_can_take()
        {
            var options = new BridgeOptions
            {
                Token = "t",
                TextureFormats = new[] { "bc7", "bc5" },
                ChunkBytes = 65536,
                WindowBytes = 1000,
            };
            BridgeMap hello = options.Hello();
            Assert.That(hello.Text("token"), Is.EqualTo("t"));
            BridgeMap receive = hello.MapOf("receive");
            Assert.That(Meaning.Of(receive["texture_formats"]), Is.EqualTo("[\"bc7\" \"bc5\" ]"));
            Assert.That(receive.Whole("window_bytes"), Is.EqualTo(2 * 65536), "two chunks at least");
        }

        [Test]
        public void An_answer_comes_in_order_and_ends_once()
        {
            var desk = new SessionDesk();
            desk.Greet();
            long id = desk.Ask("dialogue");
            desk.Accept(id, 2);
            desk.Accept(id);
            foreach ((string text, int offset) in new[] { ("Grüß ", 0), ("Grüß ", 0), ("🙂dich", 5), ("!", 10) })
            {
                desk.Say(new BridgeMap { { "type", "text" }, { "id", id }, { "text", text }, { "offset", offset } });
            }
            desk.Say(new BridgeMap
            {
                { "type", "action" }, { "id", id }, { "name", "wave" }, { "arguments", new BridgeMap { { "n", 1 } } },
            });
            desk.Say(new BridgeMap
            {
                { "type", "done" }, { "id", id }, { "result", new BridgeMap { { "text", "x" } } },
            });
            desk.Say(new BridgeMap { { "type", "error" }, { "id", id }, { "code", "internal" } });
            Assert.That(desk.KindsOf(id), Is.EqualTo(new[]
            {
                ReportKind.Accepted, ReportKind.Text, ReportKind.Text, ReportKind.Text, ReportKind.Action,
                ReportKind.Completed,
            }));
            List<Report> told = desk.Of(id);
            Assert.That(told[0].Whole, Is.EqualTo(2));
            Assert.That(told[1].Text + told[2].Text + told[3].Text, Is.EqualTo("Grüß 🙂dich!"));
            Assert.That(told[4].Map.Whole("n"), Is.EqualTo(1));
            Assert.That(told[5].Map.Text("text"), Is.EqualTo("x"));
            Assert.That(desk.Core.Received, Is.EqualTo(9));
            Assert.That(desk.Core.NOpenRequests, Is.EqualTo(0));
        }

        [Test]
        public void An_error_says_what_to_do()
        {
            var desk = new SessionDesk();
            desk.Greet();
            long id = desk.Ask();
            desk.Say(new BridgeMap
            {
                { "type", "error" },
                { "id", id },
                { "code", "invalid_params" },
                { "message", "Take a power of two." },
                { "retryable", false },
                { "retry_after_s", 2.5 },
                { "field", "params.size_px" },
            });
            BridgeError error = desk.Of(id)[0].Error;
            Assert.That(error.Code, Is.EqualTo("invalid_params"));
            Assert.That(error.Message, Is.EqualTo("Take a power of two."));
            Assert.That(error.IsRetryable, Is.False);
            Assert.That(error.RetryAfterS, Is.EqualTo(2.5));
            Assert.That(error.Field, Is.EqualTo("params.size_px"));
            Assert.That(error.ToString(), Is.EqualTo("invalid_params: Take a power of two. (params.size_px)"));
        }

        [Test]
        public void An_error_without_a_request_is_about_the_connection_which_stays_open()
        {
            var desk = new SessionDesk();
            desk.Greet();
            long id = desk.Ask();
            desk.Say(new BridgeMap { { "type", "error" }, { "code", "bad_message" }, { "message", "x" } });
            Assert.That(desk.Told[desk.Told.Count - 1].Kind, Is.EqualTo(ReportKind.Complained));
            Assert.That(desk.Of(id), Is.Empty);
            Assert.That(desk.Link.Phase, Is.EqualTo(LinkPhase.Welcome));
        }

        [Test]
        public void A_cancellation_is_said_once_and_the_server_ends_the_request()
        {
            var desk = new SessionDesk();
            desk.Greet();
            long id = desk.Ask();
            desk.Core.Cancel(id);
            desk.Core.Cancel(id);
            desk.Turn();
            Assert.That(desk.Socket.SentOf("cancel").Count, Is.EqualTo(1));
            Assert.That(desk.Of(id), Is.Empty);
            desk.Say(new BridgeMap { { "type", "error" }, { "id", id }, { "code", "cancelled" } });
            Assert.That(desk.Of(id)[0].Error.Code, Is.EqualTo("cancelled"));
            desk.Core.Cancel(id);
            desk.Turn();
            Assert.That(desk.Socket.SentOf("cancel").Count, Is.EqualTo(1));
        }

        [Test]
        public void Requests_are_bounded_in_number_and_size()
        {
            var desk = new SessionDesk();
            desk.Greet(more: new BridgeMap
            {
                { "limits", new BridgeMap { { "max_open_requests", 2 }, { "max_message_bytes", 200 } } },
            });
            long large = desk.Ask(parameters: new BridgeMap { { "prompt", new string('x', 300) } });
            Assert.That(desk.Of(large)[0].Error.Code, Is.EqualTo("too_large"));
            for (int place = 0; place < 8; place++)
            {
                Assert.That(desk.Of(desk.Ask()), Is.Empty);
            }
            long ninth = desk.Ask();
            Assert.That(desk.Of(ninth)[0].Error.Code, Is.EqualTo("rate_limited"));
            Assert.That(desk.Of(ninth)[0].Error.IsRetryable);
            Assert.That(desk.Socket.SentOf("request").Count, Is.EqualTo(8));
        }

        [Test]
        public void What_finds_no_room_goes_out_later_and_in_order()
        {
            var desk = new SessionDesk();
            desk.Greet();
            desk.Socket.IsFull = true;
            desk.Ask();
            desk.Ask();
            Assert.That(desk.Socket.SentOf("request"), Is.Empty);
            desk.Socket.IsFull = false;
            desk.Turn();
            Assert.That(
                desk.Socket.SentOf("request").ConvertAll(message => message.Whole("id")),
                Is.EqualTo(new long[] { 1, 2 }));
        }

        [Test]
        public void Acknowledgements_come_in_time()
        {
            var desk = new SessionDesk();
            desk.Greet();
            long id = desk.Ask();
            desk.Turn(0.3);
            for (int number = 0; number < 5; number++)
            {
                desk.Say(Progress(id));
            }
            desk.Turn(0.3);
            Assert.That(LastAck(desk), Is.EqualTo(5));
            desk.Done(id);
            Assert.That(LastAck(desk), Is.EqualTo(6), "an end is told at once");
            long second = desk.Ask();
            for (int number = 0; number < 16; number++)
            {
                desk.Say(Progress(second));
            }
            Assert.That(LastAck(desk), Is.EqualTo(22), "sixteen are enough");
        }

        [Test]
        public void The_newest_context_goes_out_as_often_as_the_server_wants_and_no_more()
        {
            var desk = new SessionDesk();
            desk.Greet(more: new BridgeMap { { "limits", new BridgeMap { { "context_hz", 5 } } } });
            for (int turn = 0; turn < 20; turn++)
            {
                desk.See("p" + turn);
                desk.Turn(0.05);
            }
            int count = desk.Socket.SentOf("context").Count;
            Assert.That(count, Is.InRange(5, 6));
            desk.See("here");
            desk.Link.HastenContext();
            desk.Ask();
            List<BridgeMap> sent = desk.Socket.Sent;
            Assert.That(sent[sent.Count - 2].Text("place"), Is.EqualTo("here"), "before a question");
            Assert.That(sent[sent.Count - 1].Text("type"), Is.EqualTo("request"));
        }

        [Test]
        public void A_context_is_written_as_the_protocol_has_it()
        {
            var context = new BridgeContext
            {
                Head = new BridgePose(new BridgeVector(0.5f, 1.625f, -2), new BridgeRotation(0, 0.5f, 0, 0.5f)),
                LeftHand = new BridgePose(new BridgeVector(1, 2, 3), BridgeRotation.Identity),
                Gaze = new BridgeVector(0, 0, -1),
                Focus = "gate",
                Place = "square",
                State = new BridgeMap { { "gold", 12 } },
            };
            context.Nearby.Add(new NearbyThing("gate", "oak gate", new BridgeVector(0, 0, -4)));
            using var writer = new MessagePackWriter();
            context.Write(writer);
            BridgeMap message = MessagePackReader.Decode(writer.Written).AsMap();
            Assert.That(Meaning.Of(message), Is.EqualTo(
                "{focus: \"gate\" gaze: [0 0 -1 ] hands: {left: {orientation: [0 0 0 1 ] position: [1 2 3 ] } } "
                + "head: {orientation: [0 0.5 0 0.5 ] position: [0.5 1.625 -2 ] } "
                + "nearby: [{id: \"gate\" name: \"oak gate\" position: [0 0 -4 ] } ] place: \"square\" "
                + "state: {gold: 12 } type: \"context\" }"));
            writer.Clear();
            new BridgeContext().Write(writer);
            Assert.That(MessagePackReader.Decode(writer.Written).AsMap().Count, Is.EqualTo(2), "type and head");
        }

        [Test]
        public void What_it_does_not_know_it_passes_over()
        {
            var desk = new SessionDesk();
            desk.Greet(more: new BridgeMap { { "surprise", new BridgeList { 1, 2 } } });
            desk.Hear(new BridgeMap { { "type", "aurora" }, { "green", true } });
            desk.Say(new BridgeMap { { "type", "borealis" } });
            desk.Hear(new BridgeMap { { "type", "pong" }, { "t", 1 }, { "server_s", 2 }, { "more", new BridgeMap() } });
            desk.Say(new BridgeMap { { "type", "text" }, { "id", 99 }, { "text", "x" }, { "offset", 0 } });
            Assert.That(desk.Core.Received, Is.EqualTo(2));
            Assert.That(desk.Socket.ClosedWith, Is.EqualTo(0));
        }

        [Test]
        public void What_was_forgotten_and_how_long_a_ping_took_is_told()
        {
            var desk = new SessionDesk();
            desk.Greet();
            desk.Turn(1);
            desk.Say(new BridgeMap { { "type", "forgotten" }, { "scope", "player" }, { "items", 3 } });
            Report forgot = desk.Told[desk.Told.Count - 1];
            Assert.That(forgot.Text, Is.EqualTo("player"));
            Assert.That(forgot.Whole, Is.EqualTo(3));
            desk.Hear(new BridgeMap { { "type", "pong" }, { "t", desk.NowS - 0.25 }, { "server_s", 7.5 } });
            Report ponged = desk.Told[desk.Told.Count - 1];
            Assert.That(ponged.Number, Is.EqualTo(0.25).Within(1e-9));
            Assert.That(ponged.Whole, Is.EqualTo(7500000));
        }

        [TestCase("c1", 1007)]
        [TestCase("80", 1007)]
        [TestCase("81a474797065c0", 1007)]
        [TestCase("93010203", 1007)]
        public void Malformed_messages_close_with_their_code(string hex, int code)
        {
            var desk = new SessionDesk();
            desk.Greet();
            desk.Socket.Say(JsonReader.Unhex(hex));
            desk.Turn();
            Assert.That(desk.Socket.ClosedWith, Is.EqualTo(code));
        }

        [Test]
        public void Text_and_messages_before_the_welcome_close_with_their_codes()
        {
            var desk = new SessionDesk();
            desk.Greet();
            desk.Socket.Say(new byte[] { 0x80 }, true);
            desk.Turn();
            Assert.That(desk.Socket.ClosedWith, Is.EqualTo(1003));
            foreach (string type in new[] { "text", "chunk", "done" })
            {
                var early = new SessionDesk();
                early.Open();
                early.Hear(new BridgeMap { { "type", type }, { "id", 1 }, { "seq", 1 }, { "data", new byte[3] } });
                Assert.That(early.Socket.ClosedWith, Is.EqualTo(1002), type);
            }
        }

        [Test]
        public void While_reports_wait_in_great_number_no_message_is_taken()
        {
            var desk = new SessionDesk();
            desk.Greet();
            long id = desk.Ask();
            desk.MayTake = false;
            desk.Accept(id);
            Assert.That(desk.Of(id), Is.Empty);
            desk.MayTake = true;
            desk.Turn();
            Assert.That(desk.KindsOf(id), Is.EqualTo(new[] { ReportKind.Accepted }));
        }

        [Test]
        public void Reports_come_out_in_order_however_many_wait()
        {
            var queue = new ReportQueue();
            int taken = 0;
            for (int round = 0; round < 20; round++)
            {
                for (int number = 0; number < 300; number++)
                {
                    queue.Add(Report.Connecting((300 * round) + number));
                }
                for (int number = 0; number < 180; number++)
                {
                    Assert.That(queue.TryTake(out Report report));
                    Assert.That(report.Whole, Is.EqualTo(taken++));
                }
            }
            Assert.That(queue.HasRoom, Is.False);
            while (queue.TryTake(out Report report))
            {
                Assert.That(report.Whole, Is.EqualTo(taken++));
            }
            Assert.That(taken, Is.EqualTo(6000));
            Assert.That(queue.HasRoom);
        }

        private static BridgeMap Progress(long id)
        {
            return new BridgeMap { { "type", "progress" }, { "id", id }, { "stage", "generate" }, { "fraction", 0.5 } };
        }

        private static long LastAck(SessionDesk desk)
        {
            List<BridgeMap> acks = desk.Socket.SentOf("ack");
            return acks[acks.Count - 1].Whole("received");
        }
    }
}
