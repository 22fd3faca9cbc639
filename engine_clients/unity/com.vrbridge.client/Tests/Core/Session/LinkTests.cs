using NUnit.Framework;

namespace VRBridge.Core.Tests
{
    /// <summary>Connections: how they begin and end, and what comes next.</summary>
    [TestFixture]
    public sealed class LinkTests
    {
        [Test]
        public void Waits_grow_and_a_welcome_ends_them()
        {
            var desk = new SessionDesk();
            desk.Link.Start(0);
            for (int attempt = 0; attempt < 9; attempt++)
            {
                desk.Cut();
                desk.Turn(desk.Waits[attempt] + 0.02);
            }
            Assert.That(desk.Waits, Is.EqualTo(new[] { 0.125, 0.25, 0.5, 1, 2, 4, 8, 10, 10 }), "half of the bound");
            desk.Greet();
            desk.Cut();
            Assert.That(desk.Waits[9], Is.EqualTo(0.125));
            Assert.That(Backoff.WaitS(0, 0), Is.EqualTo(0));
            Assert.That(Backoff.WaitS(100, 0.999), Is.LessThan(20));
        }

        [Test]
        public void A_server_that_says_nothing_to_a_greeting_is_left()
        {
            var desk = new SessionDesk();
            desk.Open();
            desk.Turn(9);
            Assert.That(desk.Waits, Is.Empty);
            desk.Turn(2);
            Assert.That(desk.Waits.Count, Is.EqualTo(1));
            Assert.That(desk.Socket.NOpened, Is.EqualTo(2));
        }

        [Test]
        public void A_close_that_nobody_answers_ends_by_itself()
        {
            var desk = new SessionDesk();
            desk.Greet();
            desk.Socket.Say(new byte[] { 0xc1 });
            desk.Turn();
            Assert.That(desk.Link.Phase, Is.EqualTo(LinkPhase.Closing));
            desk.Turn(2.1);
            Assert.That(desk.Errors.Count, Is.EqualTo(1), "1007 makes no sense to repeat");
        }

        [Test]
        public void What_comes_while_it_closes_is_passed_over()
        {
            var desk = new SessionDesk();
            desk.Greet();
            long id = desk.Ask();
            desk.Socket.Say(new byte[] { 0xc1 });
            desk.Accept(id);
            desk.Done(id);
            Assert.That(desk.Of(id), Is.Empty);
            Assert.That(desk.Socket.TryReceive(out _), Is.False, "nothing is left before the answer");
        }

        [Test]
        public void It_gives_up_after_a_time_and_requests_fail()
        {
            var desk = new SessionDesk(giveUpS: 5);
            desk.Link.Start(0);
            long id = desk.Ask();
            while (desk.NowS < 20 && desk.Errors.Count == 0)
            {
                desk.Cut();
                desk.Turn(0.1);
            }
            Assert.That(desk.Errors[0].Code, Is.EqualTo("cannot_connect"));
            StringAssert.Contains("vrbridge serve", desk.Errors[0].Message);
            Assert.That(desk.NowS, Is.InRange(5, 12));
            Assert.That(desk.Link.Phase, Is.EqualTo(LinkPhase.Ended));
            Assert.That(desk.Of(id)[0].Error.Code, Is.EqualTo("cannot_connect"));
            Assert.That(desk.Core.NOpenRequests, Is.EqualTo(0));
        }

        [Test]
        public void How_long_it_is_tried_counts_from_the_last_time_that_it_worked()
        {
            var desk = new SessionDesk(giveUpS: 5);
            desk.Greet();
            for (int round = 0; round < 3; round++)
            {
                desk.Cut();
                desk.Turn(3);
                desk.Greet(true);
            }
            Assert.That(desk.NowS, Is.GreaterThan(5));
            Assert.That(desk.Errors, Is.Empty);
        }

        [TestCase(1002)]
        [TestCase(1003)]
        [TestCase(1007)]
        [TestCase(1008)]
        [TestCase(1009)]
        [TestCase(4501)]
        [TestCase(4503)]
        [TestCase(4509)]
        [TestCase(4526)]
        public void What_makes_no_sense_to_repeat_is_not_repeated(int code)
        {
            var desk = new SessionDesk();
            desk.Link.Start(0);
            desk.Cut(code);
            desk.Turn(60);
            Assert.That(desk.Errors.Count, Is.EqualTo(1));
            Assert.That(desk.Socket.NOpened, Is.EqualTo(1));
            Assert.That(desk.Errors[0].Code, Is.EqualTo(code == 4501 ? "unauthorized" : "cannot_connect"));
        }

        [TestCase(1000)]
        [TestCase(1001)]
        [TestCase(1006)]
        [TestCase(1011)]
        [TestCase(4010)]
        [TestCase(4408)]
        [TestCase(4413)]
        [TestCase(4429)]
        [TestCase(4490)]
        public void What_may_pass_is_tried_again(int code)
        {
            var desk = new SessionDesk();
            desk.Link.Start(0);
            desk.Cut(code);
            desk.Turn(1);
            Assert.That(desk.Socket.NOpened, Is.EqualTo(2));
        }

        [Test]
        public void What_is_no_address_is_told_at_once()
        {
            var desk = new SessionDesk();
            desk.Socket.IsAddress = false;
            desk.Link.Start(0);
            Assert.That(desk.Errors[0].Code, Is.EqualTo("cannot_connect"));
            Assert.That(desk.Link.Phase, Is.EqualTo(LinkPhase.Ended));
        }

        [Test]
        public void Its_own_ghost_does_not_end_a_session()
        {
            var desk = new SessionDesk();
            desk.Greet();
            desk.Cut();
            desk.Turn(0.2);
            // This greeting stays without an answer; it may arrive late and take the session over.
            desk.Open();
            desk.Cut();
            desk.Turn(1);
            desk.Greet(true);
            desk.Cut(4509);
            desk.Turn(1);
            Assert.That(desk.Errors, Is.Empty, "that was this client itself");
            desk.Greet(true);
            desk.Cut(4509);
            desk.Turn(1);
            Assert.That(desk.Errors.Count, Is.EqualTo(1), "and this was somebody else");
        }

        [Test]
        public void A_silent_server_is_asked_and_then_left()
        {
            var desk = new SessionDesk();
            desk.Greet();
            desk.Turn(11);
            Assert.That(desk.Socket.SentOf("ping").Count, Is.GreaterThanOrEqualTo(1));
            desk.Turn(12);
            Assert.That(desk.Waits.Count, Is.GreaterThanOrEqualTo(1));
        }

        [Test]
        public void A_scene_that_stood_still_blames_nobody()
        {
            var desk = new SessionDesk();
            desk.Greet();
            // One more silent look, and it would be left.
            desk.Turn(16);
            desk.StandStill(100);
            desk.Turn(4);
            Assert.That(desk.Waits, Is.Empty);
            Assert.That(desk.Socket.NOpened, Is.EqualTo(1));
        }

        [Test]
        public void A_draining_server_is_left_when_all_is_done()
        {
            var desk = new SessionDesk();
            desk.Greet();
            long id = desk.Ask();
            desk.Hear(new BridgeMap { { "type", "goaway" }, { "reconnect_after_s", 1 }, { "reason", "draining" } });
            desk.Turn(2);
            Assert.That(desk.Socket.ClosedWith, Is.EqualTo(0), "a request is open");
            desk.Done(id);
            desk.Turn(0.1);
            Assert.That(desk.Socket.ClosedWith, Is.EqualTo(1001));
            desk.Cut(1001);
            desk.Turn(0.3);
            Assert.That(desk.Socket.NOpened, Is.EqualTo(2));
        }

        [Test]
        public void A_draining_server_that_closes_is_left_alone_for_the_time_that_it_told()
        {
            var desk = new SessionDesk();
            desk.Greet();
            desk.Ask();
            desk.Hear(new BridgeMap { { "type", "goaway" }, { "reconnect_after_s", 3 }, { "reason", "draining" } });
            desk.Cut(4490);
            Assert.That(desk.Waits, Is.EqualTo(new[] { 3.125 }));
        }

        [Test]
        public void A_server_of_another_version_is_refused()
        {
            var desk = new SessionDesk();
            desk.Greet(false, new BridgeMap { { "version", 2 } });
            Assert.That(desk.Socket.ClosedWith, Is.EqualTo(4526));
            desk.Cut(4526);
            Assert.That(desk.Errors.Count, Is.EqualTo(1));
            StringAssert.Contains("version", desk.Errors[0].Message);
        }

        [Test]
        public void What_came_before_a_close_is_taken_before_it()
        {
            var desk = new SessionDesk();
            desk.Greet();
            long id = desk.Ask();
            var message = new BridgeMap { { "type", "done" }, { "id", id }, { "seq", 1 } };
            desk.Socket.Say(MessagePackWriter.Encode(message));
            desk.Cut();
            Assert.That(desk.KindsOf(id), Is.EqualTo(new[] { ReportKind.Completed }));
            Assert.That(desk.Waits.Count, Is.EqualTo(1));
        }

        [Test]
        public void What_came_before_a_close_is_taken_even_if_there_is_no_room_at_first()
        {
            var desk = new SessionDesk();
            desk.Greet();
            long id = desk.Ask();
            desk.MayTake = false;
            desk.Done(id);
            desk.Cut();
            Assert.That(desk.Of(id), Is.Empty);
            Assert.That(desk.Waits, Is.Empty);
            desk.MayTake = true;
            desk.Turn();
            Assert.That(desk.KindsOf(id), Is.EqualTo(new[] { ReportKind.Completed }));
            Assert.That(desk.Waits.Count, Is.EqualTo(1));
        }

        [Test]
        public void An_application_that_comes_back_does_not_wait()
        {
            var desk = new SessionDesk();
            desk.Link.Start(0);
            for (int attempt = 0; attempt < 8; attempt++)
            {
                desk.Cut();
                desk.Turn(desk.Waits[attempt] + 0.02);
            }
            desk.Cut();
            int nOpened = desk.Socket.NOpened;
            desk.Link.Hurry(desk.NowS);
            desk.Turn();
            Assert.That(desk.Socket.NOpened, Is.EqualTo(nOpened + 1));
        }

        [Test]
        public void A_connection_that_died_while_the_application_was_away_is_found_out_soon()
        {
            var desk = new SessionDesk();
            desk.Greet();
            desk.StandStill(60);
            desk.Turn();
            desk.Link.Hurry(desk.NowS);
            desk.Turn(2.9);
            Assert.That(desk.Socket.SentOf("ping").Count, Is.EqualTo(1));
            Assert.That(desk.Waits, Is.Empty);
            desk.Turn(0.2);
            Assert.That(desk.Waits.Count, Is.EqualTo(1));
        }

        [Test]
        public void A_connection_that_lived_on_while_the_application_was_away_stays()
        {
            var desk = new SessionDesk();
            desk.Greet();
            desk.StandStill(60);
            desk.Turn();
            desk.Link.Hurry(desk.NowS);
            desk.Turn(1);
            desk.Hear(new BridgeMap { { "type", "pong" }, { "t", 1 }, { "server_s", 2 } });
            desk.Turn(3);
            Assert.That(desk.Waits, Is.Empty);
            Assert.That(desk.Link.Phase, Is.EqualTo(LinkPhase.Welcome));
        }

        [Test]
        public void A_farewell_acknowledges_what_was_processed()
        {
            var desk = new SessionDesk();
            desk.Greet();
            long id = desk.Ask();
            desk.Accept(id);
            desk.Link.Stop();
            Assert.That(desk.Socket.SentOf("ack").Count, Is.EqualTo(1));
            Assert.That(desk.Socket.ClosedWith, Is.EqualTo(1000));
            desk.Turn(5);
            Assert.That(desk.Socket.NOpened, Is.EqualTo(1));
        }
    }
}
