using System.Collections.Generic;
using NUnit.Framework;

namespace VRBridge.Core.Tests
{
    /// <summary>Assets on their way.</summary>
    [TestFixture]
    public sealed class AssetTests
    {
        [Test]
        public void An_asset_is_put_together_and_checked()
        {
            var desk = new SessionDesk();
            desk.Greet();
            long id = desk.Ask();
            byte[] body = SessionDesk.Bytes(3000);
            desk.Announce(id, 7, body);
            desk.Chunk(7, body, 0, 1024);
            desk.Chunk(7, body, 1024, 2048);
            desk.Chunk(7, body, 2048, 3000);
            BridgeAsset asset = desk.AssetsOf(id)[0];
            Assert.That(asset.Span.ToArray(), Is.EqualTo(body));
            Assert.That(asset.Role, Is.EqualTo("base_color"));
            Assert.That(asset.IsComplete);
            List<ReportKind> kinds = desk.Told.FindAll(report => report.Asset != null)
                .ConvertAll(report => report.Kind);
            Assert.That(kinds, Is.EqualTo(new[]
            {
                ReportKind.AssetStarted, ReportKind.AssetGrew, ReportKind.AssetGrew, ReportKind.AssetReceived,
            }));
        }

        [Test]
        public void An_empty_asset_is_complete_at_once()
        {
            var desk = new SessionDesk();
            desk.Greet();
            long id = desk.Ask();
            desk.Announce(id, 1, new byte[0]);
            Assert.That(desk.AssetsOf(id).Count, Is.EqualTo(1));
            Assert.That(desk.AssetsOf(id)[0].Span.Length, Is.EqualTo(0));
        }

        [Test]
        public void A_damaged_asset_fails_its_request_and_stops_it()
        {
            var desk = new SessionDesk();
            desk.Greet();
            long id = desk.Ask();
            byte[] body = SessionDesk.Bytes(100);
            desk.Announce(id, 1, body);
            body[50]++;
            desk.Chunk(1, body, 0, 100);
            Assert.That(desk.Of(id).ConvertAll(report => report.Error.Code), Is.EqualTo(new[] { "digest_mismatch" }));
            Assert.That(desk.Socket.SentOf("cancel").Count, Is.EqualTo(1));
            desk.Say(new BridgeMap { { "type", "error" }, { "id", id }, { "code", "cancelled" } });
            Assert.That(desk.Of(id).Count, Is.EqualTo(1), "the first end stays");
            Assert.That(desk.AssetsOf(id), Is.Empty);
        }

        [TestCase("")]
        [TestCase("sha256:")]
        [TestCase("md5:00112233445566778899aabbccddeeff")]
        public void A_digest_of_another_kind_is_none(string digest)
        {
            var message = new BridgeMap { { "asset", 1 }, { "id", 1 }, { "bytes", 3 }, { "digest", digest } };
            var asset = new BridgeAsset(message);
            asset.Add(0, new byte[] { 1, 2, 3 });
            Assert.That(asset.IsIntact(), Is.False);
        }

        [Test]
        public void Credit_grows_with_what_is_put_together_and_stops_while_too_much_is_held()
        {
            var desk = new SessionDesk(maxHeldBytes: 2000);
            desk.Greet();
            long id = desk.Ask();
            byte[] body = SessionDesk.Bytes(1024);
            for (int number = 0; number < 2; number++)
            {
                desk.Announce(id, number, body);
                desk.Chunk(number, body, 0, 1024);
            }
            Assert.That(Limits(desk), Is.EqualTo(new long[] { 5120 }));
            desk.Announce(id, 2, body);
            desk.Chunk(2, body, 0, 1024);
            Assert.That(Limits(desk), Is.EqualTo(new long[] { 5120 }), "3 KiB are held, 2,000 bytes may be");
            desk.Core.Consumed(2048);
            desk.Turn();
            Assert.That(Limits(desk), Is.EqualTo(new long[] { 5120, 7168 }));
        }

        [Test]
        public void An_asset_that_is_released_is_told_once_and_its_bytes_are_gone()
        {
            var asset = new BridgeAsset(new BridgeMap { { "asset", 1 }, { "id", 1 }, { "bytes", 3 } });
            int nTold = 0;
            asset.OnReleased(_ => nTold++);
            asset.Add(0, new byte[] { 1, 2 });
            asset.Release();
            Assert.That(nTold, Is.EqualTo(0), "it is still being written");
            asset.Add(2, new byte[] { 3 });
            asset.Release();
            asset.Release();
            Assert.That(nTold, Is.EqualTo(1));
            Assert.That(() => asset.Buffer, Throws.TypeOf<System.ObjectDisposedException>());
        }

        [TestCase(5, 3)]
        [TestCase(2, 3)]
        [TestCase(-1, 3)]
        [TestCase(3, 8)]
        public void A_chunk_that_does_not_continue_its_asset_is_refused(int offset, int length)
        {
            var asset = new BridgeAsset(new BridgeMap { { "asset", 1 }, { "id", 1 }, { "bytes", 10 } });
            Assert.That(asset.Add(0, new byte[3]));
            Assert.That(asset.Add(offset, new byte[length]), Is.False);
            Assert.That(asset.NArrived, Is.EqualTo(3));
        }

        [Test]
        public void A_chunk_out_of_order_is_a_gap()
        {
            var desk = new SessionDesk();
            desk.Greet();
            long id = desk.Ask();
            byte[] body = SessionDesk.Bytes(3000);
            desk.Announce(id, 7, body);
            desk.Chunk(7, body, 1024, 2048);
            Assert.That(desk.Socket.ClosedWith, Is.EqualTo(4010));
        }

        [Test]
        public void An_end_before_the_last_chunk_is_a_gap()
        {
            var desk = new SessionDesk();
            desk.Greet();
            long id = desk.Ask();
            desk.Announce(id, 1, SessionDesk.Bytes(2000));
            desk.Done(id);
            Assert.That(desk.Socket.ClosedWith, Is.EqualTo(4010));
            Assert.That(desk.Core.Received, Is.EqualTo(1));
        }

        [Test]
        public void Chunks_of_what_nobody_wants_any_more_count_and_are_passed_over()
        {
            var desk = new SessionDesk();
            desk.Greet();
            long id = desk.Ask();
            byte[] body = SessionDesk.Bytes(3000);
            desk.Announce(id, 7, body);
            desk.Core.Skip(7);
            desk.Turn();
            Assert.That(desk.Socket.SentOf("skip")[0].Whole("asset"), Is.EqualTo(7));
            desk.Chunk(7, body, 0, 1024);
            desk.Chunk(99, body, 0, 1024);
            Assert.That(Limits(desk), Is.EqualTo(new long[] { 5120, 6144 }));
            Assert.That(desk.Socket.ClosedWith, Is.EqualTo(0));
            desk.Done(id);
            Assert.That(desk.KindsOf(id), Is.EqualTo(new[] { ReportKind.Completed }));
        }

        [TestCase(-1, 10)]
        [TestCase(1, -1)]
        [TestCase(1, 1L << 40)]
        public void A_malformed_announcement_closes(long number, long nBytes)
        {
            var desk = new SessionDesk();
            desk.Greet();
            long id = desk.Ask();
            desk.Say(new BridgeMap { { "type", "asset" }, { "id", id }, { "asset", number }, { "bytes", nBytes } });
            Assert.That(desk.Socket.ClosedWith, Is.EqualTo(1002));
        }

        [Test]
        public void An_asset_that_grows_faster_than_it_is_looked_at_is_told_once()
        {
            var asset = new BridgeAsset(new BridgeMap { { "asset", 1 }, { "id", 1 }, { "bytes", 10 } });
            Assert.That(asset.HasToTellGrowth());
            Assert.That(asset.HasToTellGrowth(), Is.False);
            asset.GrowthTold();
            Assert.That(asset.HasToTellGrowth());
        }

        private static List<long> Limits(SessionDesk desk)
        {
            return desk.Socket.SentOf("credit").ConvertAll(message => message.Whole("limit"));
        }
    }
}
