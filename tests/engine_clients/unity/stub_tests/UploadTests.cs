using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;
using UnityEngine;
using UnityEngine.TestTools;
using UnityEngine.XR;
using VRBridge.Core;

namespace VRBridge.Tests
{
    /// <summary>What reaches the graphics card, the physics and the headset, which in Unity nobody can read back.</summary>
    public sealed class UploadTests
    {
        private static readonly int _baseMap = Shader.PropertyToID("_BaseMap");

        private readonly Stage _stage = new Stage();

        [TearDown]
        public void Clear()
        {
            _stage.Clear();
            InputDevices.Worn.Clear();
            LogAssert.NoUnexpectedReceived();
        }

        [Test]
        public void Each_level_goes_to_the_card_as_it_came()
        {
            byte[] file = SampleFiles.Ktx2(64);
            Assert.That(Ktx2File.TryRead(file, out Ktx2File read, out _));
            Texture2D texture = Textures.FromBlocks(read, SampleFiles.Picture("base_color", 64), 0, out _);
            for (int level = 0; level < 7; level++)
            {
                byte[] expected = file.AsSpan(read.LevelStart(level), read.LevelBytes(level)).ToArray();
                Assert.That(texture.Levels[level], Is.EqualTo(expected), $"level {level}");
            }
            Texture2D coarse = Textures.FromBlocks(read, SampleFiles.Picture("base_color", 64), 2, out _);
            Assert.That(coarse.width, Is.EqualTo(16));
            Assert.That(coarse.Levels[0][0], Is.EqualTo(2), "the level that was asked for");
        }

        [Test]
        public void The_first_row_of_a_picture_is_at_the_top_of_a_wall()
        {
            const int sidePx = 64;
            var surface = new Surface(Surface.NewMaterial("wall"));
            Assert.That(Ktx2File.TryRead(SampleFiles.Ktx2(sidePx), out Ktx2File read, out _));
            surface.Put("base_color", Textures.FromBlocks(read, SampleFiles.Picture("base_color", sidePx), 0, out _));
            surface.LayByUv(Vector2.one);
            // The middles of the wall's highest and lowest rows of pixels, at the left.
            Assert.That(RowSeenAt(surface.Material, 1 - 0.5f / sidePx), Is.EqualTo(0));
            Assert.That(RowSeenAt(surface.Material, 0.5f / sidePx), Is.EqualTo(sidePx - 1));
        }

        [UnityTest]
        public IEnumerator One_texture_a_frame_is_uploaded()
        {
            VRBridgeClient client = _stage.Make<VRBridgeClient>();
            VRBridgeSettings settings = ScriptableObject.CreateInstance<VRBridgeSettings>();
            settings.ConnectsOnStart = false;
            settings.BudgetMs = 1000;
            client.Settings = settings;
            Texture2D.Uploads.Clear();
            var loaders = new List<MapLoader>();
            for (int material = 0; material < 3; material++)
            {
                var loader = new MapLoader(new Surface(Surface.NewMaterial("m")), client.Budget);
                foreach (string role in new[] { "base_color", "normal", "orm" })
                {
                    loader.Take(SampleFiles.Picture(role, 64));
                }
                loaders.Add(loader);
            }
            yield return Stage.Until(() => Texture2D.Uploads.Count == 9, () => $"{Texture2D.Uploads.Count} uploads");
            Assert.That(Texture2D.Uploads.Select(each => each.UploadedInFrame), Is.Unique);
        }

        [UnityTest]
        public IEnumerator Colliders_are_cooked_beside_the_main_thread()
        {
            VRBridgeClient client = _stage.Make<VRBridgeClient>();
            VRBridgeSettings settings = ScriptableObject.CreateInstance<VRBridgeSettings>();
            settings.ConnectsOnStart = false;
            client.Settings = settings;
            var loader = new MeshLoader(client.Background, null);
            Mesh hull = null;
            loader.ColliderLoaded += mesh => hull = mesh;
            loader.Take(SampleFiles.Shape("collider", SampleFiles.Quads(2)));
            yield return Stage.Until(() => hull != null, () => "a collider");
            lock (Physics.Baked)
            {
                Assert.That(Physics.Baked, Does.Contain(hull.GetInstanceID()));
            }
            Assert.That(Physics.BakedOn, Is.Not.EqualTo(Environment.CurrentManagedThreadId));
        }

        [Test]
        public void The_headset_tells_of_hands_and_eyes_in_its_room()
        {
            Transform eyes = _stage.Eyes(Vector3.zero);
            GameObject room = _stage.Make("room");
            room.transform.position = new Vector3(10, 0, 0);
            room.transform.rotation = Quaternion.Euler(0, 90, 0);
            eyes.SetParent(room.transform, false);
            eyes.localPosition = new Vector3(0, 1.7f, 0);
            Wear(XRNode.LeftHand, new Vector3(0, 1, 2));
            Wear(XRNode.CenterEye, Vector3.zero, new Eyes { Fixation = new Vector3(0, 1.7f, 5) });
            VRBridgeContext context = _stage.Make<VRBridgeContext>();
            BridgeContext told = context.Collect();
            // Ahead in the room is to the right in the scene.
            Vector3 hand = Handedness.FromWire(told.LeftHand.Value.Position);
            Assert.That((hand - new Vector3(12, 1, 0)).magnitude, Is.LessThan(1e-4f), $"{hand}");
            Vector3 gaze = Handedness.FromWire(told.Gaze.Value);
            Assert.That((gaze - Vector3.right).magnitude, Is.LessThan(1e-4f), $"{gaze}");
            Assert.That(told.RightHand, Is.Null);
        }

        [TestCase("https://game.example:8443/play/#token=a%20b&x=1", "wss://game.example:8443/ws", "a b")]
        [TestCase("http://127.0.0.1:8765/unity/", "ws://127.0.0.1:8765/ws", "")]
        [TestCase("file:///tmp/index.html", null, "")]
        [TestCase("", null, "")]
        public void A_web_build_asks_the_server_that_its_page_came_from(string page, string server, string token)
        {
            Assert.That(WebPage.ServerOf(page), Is.EqualTo(server));
            Assert.That(WebPage.TokenOf(page), Is.EqualTo(token));
        }

        private static void Wear(XRNode node, Vector3 position, Eyes? eyes = null)
        {
            var features = new Dictionary<string, object>
            {
                { "DevicePosition", position }, { "DeviceRotation", Quaternion.identity },
            };
            if (eyes.HasValue)
            {
                features["EyesData"] = eyes.Value;
            }
            InputDevices.Worn[node] = new InputDevice { Features = features };
        }

        private static int RowSeenAt(Material material, float v)
        {
            var texture = (Texture2D)material.GetTexture(_baseMap);
            float scaled = v * material.GetTextureScale(_baseMap).y + material.GetTextureOffset(_baseMap).y;
            float wrapped = scaled - Mathf.FloorToInt(scaled);
            // The card keeps the first row that it is given at v = 0.
            int row = Mathf.FloorToInt(wrapped * texture.height);
            return texture.Levels[0][4 * texture.width * row + 1];
        }
    }
}
