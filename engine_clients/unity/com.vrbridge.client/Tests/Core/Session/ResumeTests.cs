using System;
using System.Collections.Generic;
using NUnit.Framework;

namespace VRBridge.Core.Tests
{
    /// <summary>Sessions over several connections.</summary>
    [TestFixture]
    public sealed class ResumeTests
    {
        [Test]
        public void A_cut_in_an_asset_goes_on_from_its_last_byte()
        {
            var desk = new SessionDesk();
            desk.Greet();
            long id = desk.Ask();
            byte[] body = SessionDesk.Bytes(3000);
            desk.Announce(id, 7, body);
            desk.Chunk(7, body, 0, 1024);
            desk.Cut();
            Assert.That(desk.Waits, Is.EqualTo(new[] { 0.125 }));
            desk.Turn(0.2);
            Assert.That(desk.Socket.NOpened, Is.EqualTo(2));
            desk.Open();
            Assert.That(
                Meaning.Of(desk.Socket.Sent[0]["resume"]),
                Is.EqualTo("{assets: [{asset: 7 offset: 1024 } ] received: 1 secret: \"x\" session: \"s\" }"));
            desk.Greet(true, new BridgeMap { { "secret", "y" } });
            Assert.That(desk.Socket.SentOf("ack").Count, Is.EqualTo(1), "the first one retires the secret");
            Assert.That(desk.Socket.SentOf("request").Count, Is.EqualTo(1), "not accepted as far as this side knows");
            desk.Chunk(7, body, 1024, 2048);
            desk.Chunk(7, body, 2048, 3000);
            desk.Done(id);
            Assert.That(desk.AssetsOf(id)[0].Span.ToArray(), Is.EqualTo(body));
            Assert.That(desk.KindsOf(id), Is.EqualTo(new[] { ReportKind.Completed }));
        }

        [Test]
        public void A_gap_closes_and_resumes()
        {
            var desk = new SessionDesk();
            desk.Greet();
            long id = desk.Ask();
            desk.Accept(id);
            desk.Seq++;
            desk.Done(id);
            Assert.That(desk.Socket.ClosedWith, Is.EqualTo(4010));
            Assert.That(desk.Of(id).Count, Is.EqualTo(1), "what came after the gap does not count");
            desk.Cut(4010);
            desk.Turn(0.5);
            desk.Open();
            Assert.That(desk.Socket.Sent[0].MapOf("resume").Whole("received"), Is.EqualTo(1));
        }

        [Test]
        public void A_lost_session_sends_requests_again_that_may_be()
        {
            var desk = new SessionDesk();
            desk.Greet();
            long again = desk.Ask();
            long onlyOnce = desk.Ask("dialogue", false);
            long stopped = desk.Ask();
            desk.Core.Cancel(stopped);
            desk.Accept(again);
            desk.Cut();
            desk.Turn(0.3);
            desk.Greet(false, new BridgeMap { { "session", "t" } });
            Assert.That(
                desk.Socket.SentOf("request").ConvertAll(message => message.Whole("id")),
                Is.EqualTo(new[] { again }));
            Assert.That(desk.Told.FindAll(report => report.Kind == ReportKind.SessionLost).Count, Is.EqualTo(1));
            Assert.That(desk.KindsOf(again), Is.EqualTo(new[] { ReportKind.Accepted, ReportKind.Restarted }));
            Assert.That(desk.Of(onlyOnce)[0].Error.Code, Is.EqualTo("session_lost"));
            Assert.That(desk.Of(stopped)[0].Error.Code, Is.EqualTo("cancelled"));
            desk.Done(again);
            Assert.That(desk.KindsOf(again)[2], Is.EqualTo(ReportKind.Completed));
        }

        [Test]
        public void What_is_to_be_forgotten_is_asked_again_until_it_is_answered()
        {
            var desk = new SessionDesk();
            desk.Greet();
            Assert.That(desk.Core.Forget("session", "s"));
            Assert.That(desk.Core.Forget("player", "s"));
            desk.Turn();
            Assert.That(desk.Socket.SentOf("forget").Count, Is.EqualTo(2));
            desk.Say(new BridgeMap { { "type", "forgotten" }, { "scope", "session" }, { "items", 1 } });
            desk.Cut();
            Assert.That(desk.Core.Forget("session", "s"), "while there is no connection");
            desk.Turn(0.3);
            desk.Greet(true);
            Assert.That(ScopesOf(desk), Is.EqualTo(new[] { "player", "session" }));
            desk.Cut();
            desk.Turn(0.5);
            desk.Greet(false, new BridgeMap { { "session", "t" } });
            Assert.That(ScopesOf(desk), Is.EqualTo(new[] { "player" }), "the new session is another one");
            Assert.That(ErrorsOf(desk), Is.EqualTo(new[] { "session_lost" }));
            desk.Say(new BridgeMap { { "type", "error" }, { "code", "unavailable" }, { "field", "scope" } });
            desk.Cut();
            desk.Turn(1);
            desk.Greet(true, new BridgeMap { { "session", "t" } });
            Assert.That(ScopesOf(desk), Is.Empty, "an error is an answer");
        }

        [Test]
        public void Another_session_than_the_one_that_was_meant_is_not_forgotten()
        {
            var desk = new SessionDesk();
            desk.Greet();
            Assert.That(desk.Core.Forget("session", "older"));
            desk.Turn();
            Assert.That(ScopesOf(desk), Is.Empty);
            Assert.That(ErrorsOf(desk), Is.EqualTo(new[] { "session_lost" }));
            Assert.That(desk.Core.Forget("player", "older"));
            desk.Turn();
            Assert.That(ScopesOf(desk), Is.EqualTo(new[] { "player" }));
        }

        [Test]
        public void Nobody_waits_for_more_answers_than_can_be_kept_in_mind()
        {
            var desk = new SessionDesk();
            for (int n = 0; n < 64; n++)
            {
                Assert.That(desk.Core.Forget("player", ""));
            }
            Assert.That(desk.Core.Forget("player", ""), Is.False);
        }

        [Test]
        public void A_cancellation_is_said_again_on_a_resumed_connection()
        {
            var desk = new SessionDesk();
            desk.Greet();
            long id = desk.Ask();
            desk.Accept(id);
            desk.Cut();
            desk.Core.Cancel(id);
            desk.Turn(0.3);
            desk.Greet(true);
            Assert.That(desk.Socket.SentOf("request"), Is.Empty);
            Assert.That(desk.Socket.SentOf("cancel").Count, Is.EqualTo(1));
        }

        [Test]
        public void What_was_heard_is_told_again_after_a_cut()
        {
            var desk = new SessionDesk();
            desk.Greet();
            desk.Core.Heard(1, 12);
            desk.Core.Heard(1, 15);
            desk.Cut();
            desk.Turn(0.3);
            desk.Greet(true);
            List<BridgeMap> heard = desk.Socket.SentOf("heard");
            Assert.That(heard.ConvertAll(message => Meaning.Of(message)), Is.EqualTo(new[]
            {
                "{characters: 15 id: 1 type: \"heard\" }",
            }));
            desk.Cut();
            desk.Turn(0.3);
            desk.Greet(false, new BridgeMap { { "session", "t" } });
            Assert.That(desk.Socket.SentOf("heard"), Is.Empty, "another session knows nothing of it");
        }

        [Test]
        public void Assets_of_requests_that_have_ended_are_not_asked_for()
        {
            var desk = new SessionDesk();
            desk.Greet();
            long cancelled = desk.Ask();
            long other = desk.Ask();
            byte[] body = SessionDesk.Bytes(3000);
            desk.Announce(cancelled, 7, body);
            desk.Announce(other, 8, body);
            desk.Chunk(7, body, 0, 1024);
            desk.Say(new BridgeMap { { "type", "error" }, { "id", cancelled }, { "code", "cancelled" } });
            desk.Cut();
            desk.Turn(0.3);
            desk.Open();
            Assert.That(
                Meaning.Of(desk.Socket.Sent[0].MapOf("resume")["assets"]), Is.EqualTo("[{asset: 8 offset: 0 } ]"));
        }

        [Test]
        public void Requests_are_sent_again_in_the_order_of_their_making()
        {
            var desk = new SessionDesk();
            desk.Greet();
            long first = desk.Ask();
            desk.Ask();
            desk.Ask();
            desk.Done(first);
            desk.Ask();
            desk.Cut();
            desk.Turn(0.3);
            desk.Greet(true);
            Assert.That(
                desk.Socket.SentOf("request").ConvertAll(message => message.Whole("id")),
                Is.EqualTo(new long[] { 2, 3, 4 }));
        }

        [Test]
        public void Requests_made_without_a_connection_wait_for_one()
        {
            var desk = new SessionDesk();
            long id = desk.Ask();
            desk.Greet();
            Assert.That(desk.Socket.SentOf("request").Count, Is.EqualTo(1));
            Assert.That(desk.Socket.SentOf("request")[0].Whole("id"), Is.EqualTo(id));
        }

        [Test]
        public void A_dropped_connection_resumes_and_nothing_of_the_old_one_counts()
        {
            var desk = new SessionDesk();
            desk.Greet();
            long id = desk.Ask();
            desk.Link.Drop();
            Assert.That(desk.Link.Phase, Is.EqualTo(LinkPhase.Waiting));
            desk.Accept(id);
            Assert.That(desk.Core.Received, Is.EqualTo(0));
            desk.Turn(0.3);
            desk.Open();
            Assert.That(desk.Socket.Sent[0].MapOf("resume").Text("session"), Is.EqualTo("s"));
        }

        [Test]
        public void However_a_line_breaks_every_byte_arrives_once()
        {
            for (int seed = 0; seed < 60; seed++)
            {
                var random = new Random(seed);
                var desk = new SessionDesk();
                var server = new ScriptedServer(desk, random);
                desk.Greet();
                var ids = new List<long> { desk.Ask(), desk.Ask(), desk.Ask("dialogue") };
                server.Plan(ids);
                for (int step = 0; step < 4000 && !server.IsDone; step++)
                {
                    server.Step();
                }
                Assert.That(server.IsDone, "seed " + seed);
                foreach (long id in ids)
                {
                    server.Check(id, "seed " + seed);
                }
                Assert.That(desk.Told.Exists(report => report.Kind == ReportKind.SessionLost), Is.False);
            }
        }

        private static List<string> ScopesOf(SessionDesk desk)
        {
            return desk.Socket.SentOf("forget").ConvertAll(message => message.Text("scope"));
        }

        private static List<string> ErrorsOf(SessionDesk desk)
        {
            return desk.Told.FindAll(report => report.Kind == ReportKind.Complained)
                .ConvertAll(report => report.Error.Code);
        }
    }
}
