using System.Collections.Generic;
using System.Threading;
using NUnit.Framework;

namespace VRBridge.Core.Tests
{
    /// <summary>What a real server answers.</summary>
    [TestFixture]
    public sealed class LiveAnswerTests
    {
        [Test]
        public void A_greeting_brings_what_the_server_can_do()
        {
            using var scene = new LiveScene("URL");
            BridgeConnection bridge = scene.Bridge;
            foreach (string kind in new[] { "dialogue", "texture", "mesh" })
            {
                Assert.That(bridge.Capabilities.Contains(kind), kind);
            }
            Assert.That(bridge.Server.Text("name"), Is.EqualTo("vrbridge"));
            Assert.That(bridge.Limits.Whole("max_open_requests"), Is.GreaterThan(0));
            Assert.That(bridge.Session, Is.Not.Empty);
            Assert.That(scene.Resumed, Is.EqualTo(new[] { false }));
        }

        [Test]
        public void Pings_and_wishes_to_be_forgotten_are_answered()
        {
            using var scene = new LiveScene("URL");
            double roundTripS = -1;
            double serverS = -1;
            string forgotten = "";
            scene.Bridge.PingMeasured += (there, server) => (roundTripS, serverS) = (there, server);
            scene.Bridge.Forgotten += (scope, nItems) => forgotten = scope + (nItems >= 0 ? "" : " of nothing");
            scene.Bridge.Ping();
            scene.Until(() => roundTripS >= 0, "pong");
            Assert.That(roundTripS, Is.LessThan(5));
            Assert.That(serverS, Is.GreaterThan(0));
            scene.Bridge.Forget("session");
            scene.Until(() => forgotten == "session", "answer");
            scene.Bridge.Forget("everything");
            scene.Until(() => scene.Errors.Count > 0, "refusal");
            Assert.That(scene.Errors[0].Field, Is.EqualTo("scope"));
            Assert.That(scene.Bridge.IsConnected);
        }

        [Test]
        public void What_is_said_without_a_connection_is_told()
        {
            using var scene = new LiveScene();
            scene.Bridge.Ping();
            BridgeRequest request = scene.Bridge.Request("texture", new BridgeMap { { "prompt", "sand" } });
            Assert.That(request.IsEnded, Is.False, "there has to be time to listen");
            scene.End(request);
            Assert.That(request.Error.Code, Is.EqualTo("cannot_connect"));
            Assert.That(scene.Errors[0].Code, Is.EqualTo("cannot_connect"));
        }

        [Test]
        public void A_character_answers_piece_by_piece()
        {
            using var scene = new LiveScene("URL");
            BridgeRequest request = scene.Bridge.Request("dialogue", new BridgeMap
            {
                { "npc", "blacksmith" }, { "text", "Good day! What do you forge here?" },
            });
            var pieces = new List<string>();
            int nCharacters = 0;
            bool isAccepted = false;
            request.Accepted += (position, etaS) => isAccepted = pieces.Count == 0;
            request.TextReceived += (text, offset) =>
            {
                Assert.That(offset, Is.EqualTo(nCharacters));
                nCharacters += CodePoints.Count(text);
                pieces.Add(text);
            };
            scene.Done(request);
            Assert.That(isAccepted);
            Assert.That(pieces.Count, Is.GreaterThan(2));
            Assert.That(string.Concat(pieces), Is.EqualTo(request.Result.Text("text")));
            Assert.That(request.Result.MapOf("emotion").Text("name"), Is.Not.Empty);
            Assert.That(request.Timing.Number("total_ms"), Is.GreaterThan(0));
            scene.Bridge.Heard(request, nCharacters / 2);
            scene.Frames(20);
            Assert.That(scene.Errors, Is.Empty);
        }

        [Test]
        public void Everything_is_told_on_the_thread_that_updates()
        {
            using var scene = new LiveScene("URL");
            var threads = new HashSet<int>();
            BridgeRequest request = scene.Texture("sand", 256);
            request.Accepted += (_, __) => threads.Add(Thread.CurrentThread.ManagedThreadId);
            request.AssetStarted += _ => threads.Add(Thread.CurrentThread.ManagedThreadId);
            request.AssetGrew += _ => threads.Add(Thread.CurrentThread.ManagedThreadId);
            request.AssetReceived += asset =>
            {
                threads.Add(Thread.CurrentThread.ManagedThreadId);
                asset.Release();
            };
            request.Completed += (_, __) => threads.Add(Thread.CurrentThread.ManagedThreadId);
            scene.Done(request);
            Assert.That(threads, Is.EqualTo(new[] { Thread.CurrentThread.ManagedThreadId }));
        }

        [Test]
        public void A_character_does_what_the_scene_offers()
        {
            using var scene = new LiveScene("URL");
            var schema = new BridgeMap
            {
                { "type", "object" },
                {
                    "properties", new BridgeMap
                    {
                        {
                            "which", new BridgeMap
                            {
                                { "type", "string" }, { "enum", new BridgeList { "north gate", "south gate" } },
                            }
                        },
                    }
                },
                { "required", new BridgeList { "which" } },
            };
            BridgeRequest request = scene.Bridge.Request("dialogue", new BridgeMap
            {
                { "npc", "blacksmith" },
                { "text", "Please open the north gate for me." },
                {
                    "actions", new BridgeList
                    {
                        new BridgeMap
                        {
                            { "name", "open_gate" },
                            { "description", "Open one of the gates of the village" },
                            { "parameters", schema },
                        },
                    }
                },
            });
            var opened = new List<string>();
            request.ActionChosen += (name, arguments) => opened.Add(name + " " + arguments.Text("which"));
            scene.Done(request);
            Assert.That(opened, Is.EqualTo(new[] { "open_gate north gate" }));
        }

        [Test]
        public void Context_is_taken()
        {
            using var scene = new LiveScene("URL");
            var context = new BridgeContext
            {
                RightHand = new BridgePose(new BridgeVector(0.3f, 1, -0.3f), BridgeRotation.Identity),
                Gaze = new BridgeVector(0, 0, -1),
                Focus = "wall",
                Place = "village square",
                State = new BridgeMap { { "time", "evening" } },
            };
            context.Nearby.Add(new NearbyThing("wall", "the old wall", new BridgeVector(0, 1, -2)));
            for (int frame = 0; frame < 100; frame++)
            {
                context.Head = new BridgePose(new BridgeVector(0, 1.6f, 0.01f * frame), BridgeRotation.Identity);
                scene.Bridge.UpdateContext(context);
                scene.Frames();
            }
            double roundTripS = -1;
            scene.Bridge.PingMeasured += (there, _) => roundTripS = there;
            scene.Bridge.Ping();
            scene.Until(() => roundTripS >= 0, "pong behind all contexts");
            Assert.That(scene.Errors, Is.Empty);
        }

        [Test]
        public void A_cancelled_request_ends_so_and_brings_no_more()
        {
            using var scene = new LiveScene("URL");
            BridgeRequest request = scene.Texture("moss", 2048);
            scene.Frames(3);
            int nAssets = 0;
            request.AssetReceived += asset =>
            {
                nAssets++;
                asset.Release();
            };
            request.Cancel();
            scene.End(request);
            Assert.That(request.Error.Code, Is.EqualTo("cancelled"));
            Assert.That(nAssets, Is.EqualTo(0));
            Assert.That(scene.Bridge.OpenRequests, Is.Empty);
        }

        [Test]
        public void A_new_request_supersedes_the_old_one_of_its_slot()
        {
            using var scene = new LiveScene("URL");
            BridgeRequest first = scene.Texture("granite", 1024, "wall");
            BridgeRequest second = scene.Texture("marble", 64, "wall");
            scene.Done(second);
            Assert.That(first.Error.Code, Is.EqualTo("superseded"));
        }

        [Test]
        public void A_bad_request_says_which_field()
        {
            using var scene = new LiveScene("URL");
            BridgeError bad = scene.End(scene.Texture("moss", 100)).Error;
            Assert.That(bad.Code, Is.EqualTo("invalid_params"));
            Assert.That(bad.Field, Is.EqualTo("params.size_px"));
            Assert.That(bad.IsRetryable, Is.False);
            Assert.That(bad.Message.Length, Is.GreaterThan(10));
            BridgeRequest unknown = scene.Bridge.Request("sculpture", new BridgeMap());
            Assert.That(scene.End(unknown).Error.Code, Is.EqualTo("unknown_kind"));
            BridgeRequest broken = scene.Bridge.Request("texture", new BridgeMap { { "prompt", double.NaN } });
            Assert.That(broken.IsEnded, Is.False);
            Assert.That(scene.End(broken).Error.Code, Is.EqualTo("invalid_params"));
            BridgeRequest large = scene.Bridge.Request("material", new BridgeMap { { "image", new byte[2 << 20] } });
            Assert.That(scene.End(large).Error.Code, Is.EqualTo("too_large"));
        }

        [Test]
        public void A_request_that_is_open_when_the_scene_closes_fails_and_the_scene_connects_anew()
        {
            using var scene = new LiveScene("URL");
            BridgeRequest request = scene.Texture("sand", 2048);
            scene.Frames(3);
            scene.Bridge.Close();
            Assert.That(request.Error.Code, Is.EqualTo("cancelled"));
            Assert.That(scene.Bridge.IsOpen, Is.False);
            scene.Bridge.Open(LiveScene.OptionsFor("URL"));
            scene.Done(scene.Texture("sand", 64));
            Assert.That(scene.Errors, Is.Empty);
        }
    }
}
