using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;
using UnityEngine;
using UnityEngine.TestTools;
using VRBridge.Core;

namespace VRBridge.Tests
{
    public sealed class MeshLoaderTests
    {
        private static readonly int _baseMap = Shader.PropertyToID("_BaseMap");
        private static readonly int _normalMap = Shader.PropertyToID("_BumpMap");
        private static readonly int _baseColor = Shader.PropertyToID("_BaseColor");
        private static readonly int _roughness = Shader.PropertyToID("_Roughness");
        private static readonly int _vertexColor = Shader.PropertyToID("_VertexColor");

        private readonly Stage _stage = new Stage();
        private MeshLoader _loader;
        private MeshLevels _levels;
        private List<int> _shown;
        private List<BridgeError> _errors;
        private int _nColliders;
        private int _nFinished;

        [SetUp]
        public void Prepare()
        {
            VRBridgeClient client = _stage.Make<VRBridgeClient>();
            VRBridgeSettings settings = ScriptableObject.CreateInstance<VRBridgeSettings>();
            settings.ConnectsOnStart = false;
            client.Settings = settings;
            _levels = new MeshLevels(_stage.Make("thing"));
            _loader = new MeshLoader(client.Background, null);
            _shown = new List<int>();
            _errors = new List<BridgeError>();
            _nColliders = 0;
            _nFinished = 0;
            _loader.LevelLoaded += (number, mesh, surfaces) =>
            {
                _levels.Put(number, mesh, surfaces, 1);
                _shown.Add(number);
            };
            _loader.ColliderLoaded += mesh =>
            {
                _levels.PutCollider(mesh);
                _nColliders++;
            };
            _loader.Unreadable += _errors.Add;
            _loader.Finished += () => _nFinished++;
        }

        [TearDown]
        public void Clear()
        {
            _levels.Free();
            _stage.Clear();
            LogAssert.NoUnexpectedReceived();
        }

        [UnityTest]
        public IEnumerator Levels_show_as_they_come_and_share_their_materials()
        {
            foreach (string role in new[] { "lod2", "lod1", "lod0" })
            {
                _loader.Take(SampleFiles.Shape(role, SampleFiles.Quads(2)));
                yield return Until(() => _levels.RendererOf(role[3] - '0') != null);
            }
            _loader.Take(SampleFiles.Shape("collider", SampleFiles.Quads(1)));
            _loader.Complete();
            yield return Until(() => _nFinished == 1);
            Assert.That(_shown, Is.EqualTo(new[] { 2, 1, 0 }));
            Assert.That(_nColliders, Is.EqualTo(1));
            Material[] finest = _levels.RendererOf(0).sharedMaterials;
            Assert.That(finest.Select(each => each.name), Is.EqualTo(new[] { "part 0", "part 1" }));
            Assert.That(_levels.RendererOf(2).sharedMaterials, Is.EqualTo(finest));
            Assert.That(finest[0].GetFloat(_roughness), Is.EqualTo(0.75f));
            Assert.That(finest[0].GetColor(_baseColor).g, Is.EqualTo(1).Within(1e-4f));
        }

        [UnityTest]
        public IEnumerator Maps_take_the_place_of_the_colours_of_vertices()
        {
            // The maps of one material are faster than the level that wears it.
            foreach (string role in new[] { "base_color", "normal", "orm" })
            {
                _loader.Take(Map(role, "part 0"));
            }
            _loader.Take(SampleFiles.Shape("lod0", SampleFiles.Quads(2)));
            yield return Until(() => _levels.RendererOf(0) != null);
            Material dressed = _levels.RendererOf(0).sharedMaterials[0];
            Assert.That(dressed.GetFloat(_vertexColor), Is.EqualTo(1), "as long as maps may still come");
            Assert.That(dressed.GetTexture(_baseMap), Is.Null);
            _loader.Complete();
            yield return Until(() => _nFinished == 1);
            Assert.That(dressed.GetFloat(_vertexColor), Is.EqualTo(0));
            Assert.That(dressed.GetColor(_baseColor), Is.EqualTo(Color.white));
            Assert.That(dressed.GetTexture(_baseMap).width, Is.EqualTo(64));
            Assert.That(dressed.GetTextureScale(_baseMap).x, Is.EqualTo(0.5f), "metres on the mesh, two a tile");
            Material bare = _levels.RendererOf(0).sharedMaterials[1];
            Assert.That(bare.GetFloat(_vertexColor), Is.EqualTo(1), "the other one has no maps");
        }

        [UnityTest]
        public IEnumerator What_can_not_be_read_says_so_and_the_rest_is_shown()
        {
            BridgeMap broken = SampleFiles.Quads(1);
            broken["normals"] = new byte[3];
            _loader.Take(SampleFiles.Shape("lod1", broken));
            _loader.Take(SampleFiles.Asset("lod2", "model/unknown", new byte[] { 1 }));
            _loader.Take(SampleFiles.Shape("lod0", SampleFiles.Quads(1)));
            _loader.Complete();
            yield return Until(() => _nFinished == 1);
            Assert.That(_shown, Is.EqualTo(new[] { 0 }));
            Assert.That(_errors.Select(error => error.Code), Is.EqualTo(new[] { "unreadable", "unreadable" }));
            Assert.That(_errors.Any(error => error.Message.Contains("`lod1`")));
            Assert.That(_errors.Any(error => error.Message.Contains("`lod2`")));
        }

        [UnityTest]
        public IEnumerator A_finer_model_takes_the_place_of_the_first_with_its_own_materials()
        {
            _loader.Take(SampleFiles.Shape("lod0", SampleFiles.Quads(1)));
            yield return Until(() => _shown.Count == 1);
            Material before = _levels.RendererOf(0).sharedMaterial;
            BridgeMap finer = SampleFiles.Quads(1);
            finer.ListOf("surfaces")[0].AsMap().MapOf("material")["roughness"] = 0.25;
            _loader.Take(SampleFiles.Shape("lod0", finer, new BridgeMap { { "replaces", "quick" } }));
            _loader.Complete();
            yield return Until(() => _nFinished == 1);
            yield return null;
            Assert.That(_shown, Is.EqualTo(new[] { 0, 0 }));
            Assert.That(_levels.RendererOf(0).sharedMaterial.GetFloat(_roughness), Is.EqualTo(0.25f));
            Assert.That(before == null, "what was replaced is freed");
        }

        [UnityTest]
        public IEnumerator What_is_begun_anew_is_not_shown_twice()
        {
            BridgeAsset asset = SampleFiles.Shape("lod0", SampleFiles.Quads(1));
            _loader.Take(asset);
            _loader.Restart();
            _loader.Take(SampleFiles.Shape("lod0", SampleFiles.Quads(3)));
            _loader.Complete();
            yield return Until(() => _nFinished == 1 && IsGivenBack(asset));
            Assert.That(_shown, Is.EqualTo(new[] { 0 }));
            Assert.That(_levels.Bounds.size.x, Is.EqualTo(5), "the later one");
        }

        [UnityTest]
        public IEnumerator A_model_that_is_ready_late_does_not_take_the_place_of_a_newer_one()
        {
            BridgeAsset[] first = { NewShape("lod0", 1), NewShape("collider", 1) };
            var replaces = new BridgeMap { { "replaces", "quick" } };
            foreach (string role in new[] { "lod0", "collider" })
            {
                _loader.Take(NewShape(role, 3, replaces));
            }
            yield return Until(() => _shown.Count == 1 && _nColliders == 1);
            foreach (BridgeAsset late in first)
            {
                _loader.Take(late);
            }
            _loader.Complete();
            yield return Until(() => _nFinished == 1);
            Assert.That(_shown, Is.EqualTo(new[] { 0 }));
            Assert.That(_nColliders, Is.EqualTo(1));
            Assert.That(_levels.Bounds.size.x, Is.EqualTo(5), "the newer one");
            Assert.That(_levels.Collider.sharedMesh.bounds.size.x, Is.EqualTo(5));
            Assert.That(_errors, Is.Empty, "nothing is wrong with the late one");
            Assert.That(first.All(IsGivenBack));
        }

        [UnityTest]
        public IEnumerator A_prop_is_finished_when_all_its_materials_have_their_maps()
        {
            _loader.Take(SampleFiles.Shape("lod0", SampleFiles.Quads(2)));
            yield return Until(() => _shown.Count == 1);
            BridgeAsset[] maps = { Map("base_color", "part 0"), Map("base_color", "part 1") };
            foreach (BridgeAsset map in maps)
            {
                _loader.Take(map);
            }
            yield return Until(() => maps.All(IsGivenBack));
            var worn = new List<float>();
            _loader.Finished += () => worn.AddRange(
                _levels.RendererOf(0).sharedMaterials.Select(each => each.GetFloat(_vertexColor)));
            _loader.Complete();
            Assert.That(worn, Is.EqualTo(new[] { 0f, 0f }), "both wear maps by then");
            Assert.That(_nFinished, Is.EqualTo(1));
        }

        [UnityTest]
        public IEnumerator Colours_of_vertices_stay_where_the_map_of_colours_can_not_be_read()
        {
            _loader.Take(SampleFiles.Shape("lod0", SampleFiles.Quads(1)));
            byte[] cut = SampleFiles.Ktx2(64).AsSpan(0, 5000).ToArray();
            _loader.Take(SampleFiles.Asset(
                "base_color", Ktx2File.MediaType, cut, new BridgeMap { { "material", "part 0" } }));
            _loader.Take(Map("normal", "part 0"));
            _loader.Complete();
            yield return Until(() => _nFinished == 1);
            Material look = _levels.RendererOf(0).sharedMaterial;
            Assert.That(look.GetFloat(_vertexColor), Is.EqualTo(1));
            Assert.That(look.GetColor(_baseColor), Is.Not.EqualTo(Color.white));
            Assert.That(look.GetTexture(_baseMap), Is.Null);
            Assert.That(look.GetTexture(_normalMap), Is.Not.Null, "what can be read is worn");
            Assert.That(_errors.Single().Message, Contains.Substring("`base_color`"));
        }

        private static BridgeAsset NewShape(string role, int nQuads, BridgeMap meta = null)
        {
            return SampleFiles.Shape(role, SampleFiles.Quads(nQuads), meta);
        }

        private static BridgeAsset Map(string role, string material)
        {
            BridgeAsset picture = SampleFiles.Picture(role, 64);
            picture.Meta["material"] = material;
            return picture;
        }

        private static bool IsGivenBack(BridgeAsset asset)
        {
            try
            {
                return asset.Buffer == null;
            }
            catch (ObjectDisposedException)
            {
                return true;
            }
        }

        private IEnumerator Until(Func<bool> isSo)
        {
            return Stage.Until(isSo, () => $"{_shown.Count} shown, {string.Join(", ", _errors)}");
        }
    }
}
