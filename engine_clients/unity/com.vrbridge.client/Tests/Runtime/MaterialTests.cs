using System.Collections;
using NUnit.Framework;
using UnityEngine;
using UnityEngine.TestTools;
using VRBridge.Core;

namespace VRBridge.Tests
{
    public sealed class MaterialTests
    {
        private static readonly int _baseMap = Shader.PropertyToID("_BaseMap");

        private readonly Stage _stage = new Stage();
        private VRBridgeClient _client;
        private VRBridgeMaterial _material;
        private int _nCompleted;
        private int _nPreviews;

        [SetUp]
        public void Prepare()
        {
            _client = _stage.Make<VRBridgeClient>();
            VRBridgeSettings settings = ScriptableObject.CreateInstance<VRBridgeSettings>();
            // Nobody is there, so that requests wait, and the test answers them.
            settings.Url = "ws://127.0.0.1:9/ws";
            _client.Settings = settings;
            _nCompleted = 0;
            _nPreviews = 0;
            _material = NewMaterial(_stage.Make("wall"));
        }

        [TearDown]
        public void Clear()
        {
            _stage.Clear();
            LogAssert.NoUnexpectedReceived();
        }

        [Test]
        public void The_server_is_told_where_the_surface_is()
        {
            GameObject wall = _stage.Make("far wall");
            wall.transform.position = new Vector3(1, 2, 3);
            wall.AddComponent<MeshFilter>().sharedMesh = new Mesh { bounds = new Bounds(new Vector3(0, 4, 0), Vector3.one) };
            wall.AddComponent<MeshRenderer>();
            BridgeVector told = NewMaterial(wall).Generate(_client).Anchor.VectorOf("position");
            Assert.That((Handedness.FromWire(told) - new Vector3(1, 6, 3)).magnitude, Is.LessThan(1e-5f), "its middle");
            Assert.That(_material.Generate(_client).Anchor, Is.Null, "one without a renderer is nowhere");
        }

        [UnityTest]
        public IEnumerator What_lay_before_a_preview_lies_so_again_when_it_is_cancelled()
        {
            _material.LayByUv(Vector2.one);
            BridgeRequest first = _material.Generate(_client);
            Give(first, SampleFiles.Picture("base_color", 64));
            first.Take(Report.Completed(first.Id, new BridgeMap(), new BridgeMap()));
            yield return Stage.Until(() => _nCompleted == 1, () => "a material");
            Texture before = _material.Material.GetTexture(_baseMap);
            Assert.That(Scale(), Is.EqualTo(new Vector2(0.5f, -0.5f)), "two metres a tile, its first row at the top");
            BridgeAsset preview = SampleFiles.Preview();
            preview.Meta["metres_per_tile"] = 4.0;
            Give(_material.Generate(_client), preview);
            yield return Stage.Until(() => _nPreviews == 1, () => "a preview");
            Assert.That(Scale(), Is.EqualTo(new Vector2(0.25f, 0.25f)), "a decoded picture is upright by itself");
            _material.Cancel();
            Assert.That(_material.Material.GetTexture(_baseMap), Is.EqualTo(before));
            Assert.That(Scale(), Is.EqualTo(new Vector2(0.5f, -0.5f)));
        }

        private VRBridgeMaterial NewMaterial(GameObject wall)
        {
            VRBridgeMaterial material = wall.AddComponent<VRBridgeMaterial>();
            material.GeneratesOnStart = false;
            material.Prompt = "mossy stone wall";
            material.Completed += _ => _nCompleted++;
            material.PreviewShown += _ => _nPreviews++;
            return material;
        }

        private static void Give(BridgeRequest request, BridgeAsset asset)
        {
            request.Take(Report.OfAsset(ReportKind.AssetReceived, asset));
        }

        private Vector2 Scale()
        {
            return _material.Material.GetTextureScale(_baseMap);
        }
    }
}
