using System.Collections.Generic;
using System.Threading;
using NUnit.Framework;

namespace VRBridge.Core.Tests
{
    /// <summary>Lines to a real server that break, stall and lead astray.</summary>
    [TestFixture]
    public sealed class LiveBreakTests
    {
        private static readonly string[] _maps = { "preview", "base_color", "normal", "orm" };

        [Test]
        public void Drops_in_the_middle_of_assets_lose_nothing()
        {
            using var scene = new LiveScene("URL", options =>
            {
                options.ChunkBytes = 16384;
                options.WindowBytes = 65536;
            });
            BridgeRequest request = scene.Large();
            var drops = new List<string>();
            request.AssetGrew += asset =>
            {
                int nDrops = drops.FindAll(role => role == asset.Role).Count;
                // Once a connection: what was told before a drop may come behind it.
                bool isBack = scene.Resumed.Count > drops.Count;
                if (isBack && nDrops < 2 && asset.NArrived > 0.2 * (nDrops + 1) * asset.NBytes)
                {
                    drops.Add(asset.Role);
                    scene.Bridge.DropConnection();
                }
            };
            List<string> roles = LiveScene.RolesOf(request);
            scene.Done(request);
            Assert.That(roles, Is.EqualTo(_maps));
            Assert.That(drops.Count, Is.GreaterThanOrEqualTo(4));
            Assert.That(scene.Resumed.Count, Is.GreaterThanOrEqualTo(drops.Count));
            Assert.That(scene.Resumed.FindAll(isResumed => !isResumed).Count, Is.EqualTo(1), "only the first was new");
        }

        [Test]
        public void A_line_that_is_cut_loses_nothing()
        {
            using var scene = new LiveScene("CUTTING");
            BridgeRequest request = scene.Large();
            List<string> roles = LiveScene.RolesOf(request);
            scene.Done(request);
            Assert.That(roles, Is.EqualTo(_maps));
            Assert.That(scene.Bridge.NConnections, Is.GreaterThanOrEqualTo(3));
        }

        [Test]
        public void A_scene_that_stands_still_for_five_seconds_is_not_flooded_and_loses_nothing()
        {
            using var scene = new LiveScene("URL");
            var all = new List<string>();
            var requests = new List<BridgeRequest>();
            BridgeRequest loud = scene.Bridge.Request("dialogue", new BridgeMap
            {
                { "npc", "blacksmith" }, { "text", "Hello!" },
            });
            // New ones each time: what the server has kept comes at once, and is here before the scene stands still.
            int first = System.Environment.TickCount & 0xFFFFFF;
            for (int seed = first; seed < first + 4; seed++)
            {
                BridgeRequest request = scene.Large(seed);
                request.AssetReceived += asset =>
                {
                    all.Add(asset.Role);
                    asset.Release();
                };
                requests.Add(request);
            }
            scene.Until(() => scene.Bridge.NReceivedBytes > 1 << 20, "bytes");
            long before = scene.Bridge.NReceivedBytes;
            Thread.Sleep(5000);
            Assert.That(scene.Bridge.NReceivedBytes - before, Is.LessThan(13 << 20), "no more than may wait");
            requests.ForEach(request => scene.Done(request));
            scene.Done(loud);
            Assert.That(all.Count, Is.EqualTo(16));
            Assert.That(scene.Bridge.NReceivedBytes, Is.GreaterThan(16 << 20));
            Assert.That(scene.Bridge.NConnections, Is.EqualTo(1));
        }

        [Test]
        public void A_server_that_is_gone_for_a_while_is_found_again()
        {
            using var scene = new LiveScene("VANISHING");
            scene.Until(() => !scene.Bridge.IsConnected, "loss");
            scene.Done(scene.Texture("sand", 64));
            Assert.That(scene.Waits.Count, Is.GreaterThanOrEqualTo(1));
        }

        [Test]
        public void A_bad_token_is_told_once()
        {
            using var scene = new LiveScene();
            BridgeOptions options = LiveScene.OptionsFor("URL");
            options.Token = "forged";
            scene.Bridge.Open(options);
            BridgeRequest request = scene.Texture("sand", 64);
            Assert.That(scene.End(request).Error.Code, Is.EqualTo("unauthorized"));
            StringAssert.Contains("vrbridge token create", request.Error.Message);
            scene.Frames(100);
            Assert.That(scene.Errors.Count, Is.EqualTo(1));
            Assert.That(scene.Errors[0].Code, Is.EqualTo("unauthorized"));
            Assert.That(scene.Bridge.NConnections, Is.EqualTo(1));
            Assert.That(scene.Bridge.IsOpen, Is.False);
            Assert.That(scene.End(scene.Texture("sand", 64)).Error.Code, Is.EqualTo("cannot_connect"));
        }

        [Test]
        public void A_server_of_another_version_is_told_once()
        {
            using var scene = new LiveScene();
            scene.Bridge.Open(LiveScene.OptionsFor("OTHER_VERSION"));
            scene.Until(() => scene.Errors.Count > 0, "refusal");
            Assert.That(scene.Errors[0].Code, Is.EqualTo("cannot_connect"));
            StringAssert.Contains("version", scene.Errors[0].Message);
            StringAssert.Contains("7 to 9", scene.Errors[0].Message);
            scene.Frames(100);
            Assert.That(scene.Bridge.NConnections, Is.EqualTo(1));
        }

        [Test]
        public void An_address_where_nothing_answers_is_tried_on_until_it_is_given_up()
        {
            using var scene = new LiveScene();
            BridgeOptions options = LiveScene.OptionsFor("NOWHERE");
            options.GiveUpS = 1;
            scene.Bridge.Open(options);
            scene.Until(() => scene.Errors.Count > 0, "end");
            Assert.That(scene.Errors[0].Code, Is.EqualTo("cannot_connect"));
            Assert.That(scene.Errors[0].IsRetryable);
            StringAssert.Contains("vrbridge serve", scene.Errors[0].Message);
            Assert.That(scene.Bridge.NConnections, Is.GreaterThan(1));
        }

        [TestCase("nonsense://")]
        [TestCase("http://127.0.0.1/ws")]
        [TestCase("")]
        [TestCase("ws://")]
        public void What_is_no_address_is_told_at_once(string url)
        {
            using var scene = new LiveScene();
            scene.Bridge.Open(new BridgeOptions { Url = url });
            scene.Until(() => scene.Errors.Count > 0, "refusal");
            Assert.That(scene.Errors[0].Code, Is.EqualTo("cannot_connect"));
            Assert.That(scene.Bridge.IsOpen, Is.False);
        }

        [Test]
        public void Damage_on_the_way_fails_the_request_with_its_digest()
        {
            using var scene = new LiveScene("DAMAGING");
            BridgeRequest request = scene.Bridge.Request("texture", new BridgeMap
            {
                { "prompt", "sand" }, { "size_px", 256 }, { "seed", 1 }, { "format", "rgba8" },
            });
            Assert.That(scene.End(request).Error.Code, Is.EqualTo("digest_mismatch"));
            Assert.That(request.Error.IsRetryable);
            Assert.That(scene.Bridge.IsConnected);
        }

        [Test]
        public void An_application_that_was_away_finds_its_connection_alive()
        {
            using var scene = new LiveScene("URL");
            Thread.Sleep(3000);
            scene.Bridge.Hurry();
            double roundTripS = -1;
            scene.Bridge.PingMeasured += (there, _) => roundTripS = there;
            scene.Until(() => roundTripS >= 0, "sign of life");
            scene.Done(scene.Texture("sand", 64));
            Assert.That(scene.Bridge.NConnections, Is.EqualTo(1));
        }
    }
}
