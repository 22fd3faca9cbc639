using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;
using UnityEngine;
using UnityEngine.Experimental.Rendering;
using UnityEngine.TestTools;
using VRBridge.Core;

namespace VRBridge.Tests
{
    public sealed class LiveSceneTests
    {
        private static readonly int _baseMap = Shader.PropertyToID("_BaseMap");
        private static readonly int _normalMap = Shader.PropertyToID("_BumpMap");
        private static readonly int _ormMap = Shader.PropertyToID("_OrmMap");
        private static readonly int _vertexColor = Shader.PropertyToID("_VertexColor");

        private readonly LiveStage _live = new LiveStage();

        [TearDown]
        public void Clear()
        {
            _live.Clear();
            LogAssert.NoUnexpectedReceived();
        }

        [UnityTest]
        public IEnumerator A_material_shows_a_preview_and_then_all_its_maps()
        {
            yield return _live.Connect();
            yield return MakeMaterial(256);
        }

        [UnityTest]
        public IEnumerator A_material_arrives_where_no_blocks_are_known()
        {
            yield return _live.Connect(options => options.TextureFormats = new[] { "rgba8" });
            VRBridgeMaterial material = null;
            yield return MakeMaterial(64, made => material = made);
            Assert.That(Map(material, _baseMap).graphicsFormat, Is.EqualTo(GraphicsFormat.R8G8B8A8_SRGB));
            Assert.That(Map(material, _normalMap).graphicsFormat, Is.EqualTo(GraphicsFormat.R8G8B8A8_UNorm));
        }

        [UnityTest]
        public IEnumerator A_material_is_asked_for_as_soon_as_the_scene_runs()
        {
            // The component finds the client, whose start may come later than its own.
            _live.Begin();
            GameObject wall = _live.Objects.Make("wall");
            wall.AddComponent<MeshRenderer>();
            VRBridgeMaterial material = wall.AddComponent<VRBridgeMaterial>();
            material.Prompt = "red brick wall";
            material.SizePx = 64;
            material.Failed += _live.Errors.Add;
            bool isDone = false;
            material.Completed += _ => isDone = true;
            yield return _live.Until(() => isDone, "a material");
            Assert.That(wall.GetComponent<MeshRenderer>().sharedMaterial, Is.EqualTo(material.Material));
            Assert.That(VRBridgeClient.Find(), Is.EqualTo(_live.Client));
        }

        [UnityTest]
        public IEnumerator A_picture_becomes_a_material()
        {
            yield return _live.Connect();
            VRBridgeMaterial material = _live.Objects.Make<VRBridgeMaterial>();
            material.GeneratesOnStart = false;
            material.Picture = SampleFiles.Png();
            material.SizePx = 64;
            material.MetresPerTile = 0.5f;
            BridgeRequest request = material.Generate(_live.Client);
            Assert.That(request.Kind, Is.EqualTo("material"));
            yield return _live.Until(() => !material.IsGenerating, "a material");
            Assert.That(request.Error, Is.Null);
            Assert.That(material.Facts.Contains("was_seamless"));
            Assert.That(Map(material, _ormMap), Is.Not.Null);
        }

        [UnityTest]
        public IEnumerator A_prop_arrives_with_its_levels_and_a_collider()
        {
            yield return _live.Connect();
            VRBridgeMesh prop = null;
            yield return MakeProp(0, made => prop = made);
            Assert.That(prop.Collider, Is.Not.Null);
            Assert.That(prop.Collider.convex);
            int before = int.MaxValue;
            for (int number = 0; number < 3; number++)
            {
                Mesh mesh = MeshOf(prop, number);
                int nFaces = mesh.triangles.Length / 3;
                Assert.That(nFaces, Is.GreaterThan(0).And.LessThanOrEqualTo(before));
                before = nFaces;
                CheckFaces(mesh);
            }
            Assert.That(prop.GetComponent<LODGroup>().lodCount, Is.EqualTo(3));
            Bounds bounds = prop.Bounds;
            Assert.That(bounds.min.y, Is.EqualTo(0).Within(0.02f), "it stands on the floor");
            Assert.That(prop.Level(0).sharedMaterial.GetFloat(_vertexColor), Is.EqualTo(1));
            Assert.That(prop.Facts.Text("origin"), Is.Not.Empty);
        }

        [UnityTest]
        public IEnumerator A_prop_made_anew_keeps_nothing_of_the_older_one()
        {
            yield return _live.Connect();
            VRBridgeMesh prop = null;
            yield return MakeProp(0, made => prop = made);
            prop.Lods = 1;
            prop.HasCollider = false;
            prop.Generate(_live.Client);
            Assert.That(prop.Level(2), Is.Not.Null, "it shows until the newer one is there");
            yield return _live.Until(() => !prop.IsGenerating, "another prop");
            Assert.That(prop.Level(0), Is.Not.Null);
            Assert.That(new[] { prop.Level(1), prop.Level(2) }, Is.All.Null);
            Assert.That(prop.Collider, Is.Null);
            Assert.That(prop.GetComponent<LODGroup>().lodCount, Is.EqualTo(1));
            Assert.That(_live.Errors, Is.Empty);
        }

        [UnityTest]
        public IEnumerator A_prop_wears_the_maps_that_were_made_for_it()
        {
            yield return _live.Connect();
            VRBridgeMesh prop = null;
            yield return MakeProp(64, made => prop = made);
            Material look = prop.Level(0).sharedMaterial;
            Assert.That(look.GetTexture(_baseMap), Is.Not.Null);
            Assert.That(look.GetTexture(_normalMap), Is.Not.Null);
            Assert.That(look.GetTexture(_ormMap), Is.Not.Null);
            Assert.That(look.GetFloat(_vertexColor), Is.EqualTo(0));
            Assert.That(prop.Level(1).sharedMaterial, Is.EqualTo(look), "shared by the levels");
        }

        [UnityTest]
        public IEnumerator Context_is_taken()
        {
            yield return _live.Connect();
            Transform eyes = _live.Objects.Eyes(new Vector3(0, 1.7f, 0));
            _live.Objects.Make<VRBridgeThing>("Anvil").transform.position = new Vector3(1, 0, 2);
            VRBridgeContext context = _live.Objects.Make<VRBridgeContext>();
            context.LeftHand = eyes;
            context.Place = "village square";
            context.State = new BridgeMap { { "time", "evening" } };
            double trip = -1;
            _live.Client.PingMeasured += (roundTripS, _) => trip = roundTripS;
            for (int turn = 0; turn < 30; turn++)
            {
                eyes.rotation = Quaternion.Euler(0, 10 * turn, 0);
                yield return null;
            }
            _live.Client.Ping();
            yield return _live.Until(() => trip > 0, "a pong");
            Assert.That(_live.Errors, Is.Empty);
            Assert.That(_live.Client.IsConnected);
        }

        [UnityTest]
        public IEnumerator What_nobody_waits_for_any_more_is_cancelled()
        {
            yield return _live.Connect();
            VRBridgeMesh prop = NewProp(0);
            VRBridgeMaterial material = NewMaterial(2048);
            BridgeRequest ofProp = prop.Generate(_live.Client);
            BridgeRequest ofMaterial = material.Generate(_live.Client);
            UnityEngine.Object.Destroy(prop.gameObject);
            UnityEngine.Object.Destroy(material.gameObject);
            yield return _live.Until(() => ofProp.IsEnded && ofMaterial.IsEnded, "both ends");
            Assert.That(ofProp.Error.Code, Is.EqualTo("cancelled"));
            Assert.That(ofMaterial.Error.Code, Is.EqualTo("cancelled"));
        }

        [UnityTest]
        public IEnumerator A_newer_prompt_takes_the_place_of_the_older_one()
        {
            yield return _live.Connect();
            VRBridgeMaterial material = NewMaterial(64);
            material.Prompt = "granite";
            BridgeRequest first = material.Generate(_live.Client);
            material.Prompt = "marble";
            BridgeRequest second = material.Generate(_live.Client);
            bool isDone = false;
            material.Completed += _ => isDone = true;
            yield return _live.Until(() => isDone && first.IsEnded, "both ends");
            Assert.That(first.Error.Code, Is.EqualTo("cancelled").Or.EqualTo("superseded"));
            Assert.That(second.Error, Is.Null);
            Assert.That(_live.Errors, Is.Empty, "an end that nobody asked about is not told");
        }

        [UnityTest]
        public IEnumerator A_drop_in_the_middle_of_a_material_loses_nothing()
        {
            yield return _live.Connect(options =>
            {
                options.ChunkBytes = 16384;
                options.WindowBytes = 65536;
            });
            var resumed = new List<bool>();
            _live.Client.Connected += resumed.Add;
            VRBridgeMaterial material = NewMaterial(1024);
            BridgeRequest request = material.Generate(_live.Client);
            var dropped = new HashSet<string>();
            request.AssetGrew += asset =>
            {
                if (asset.NArrived > 100000 && dropped.Add(asset.Role))
                {
                    _live.Client.DropConnection();
                }
            };
            bool isDone = false;
            material.Completed += _ => isDone = true;
            yield return _live.Until(() => isDone, "a material");
            Assert.That(dropped.Count, Is.GreaterThan(1));
            Assert.That(resumed, Has.Count.GreaterThanOrEqualTo(dropped.Count).And.All.True);
            Assert.That(Map(material, _baseMap).width, Is.EqualTo(1024));
        }

        [UnityTest]
        public IEnumerator A_scene_that_comes_back_from_a_pause_goes_on()
        {
            yield return _live.Connect();
            int nLost = 0;
            _live.Client.Disconnected += (_, __) => nLost++;
            _live.Client.SendMessage("OnApplicationPause", true);
            _live.Client.SendMessage("OnApplicationPause", false);
            VRBridgeMaterial material = NewMaterial(64);
            bool isDone = false;
            material.Completed += _ => isDone = true;
            material.Generate(_live.Client);
            yield return _live.Until(() => isDone, "a material");
            Assert.That(_live.Client.NConnections, Is.EqualTo(1 + nLost), "a connection that lives is kept");
        }

        [UnityTest]
        public IEnumerator A_bad_token_is_told_once()
        {
            BridgeOptions options = _live.Begin();
            options.Token = "no token of this server";
            _live.Client.Open(options);
            yield return _live.Until(() => _live.Errors.Count > 0, "an error");
            for (int frame = 0; frame < 100; frame++)
            {
                yield return null;
            }
            Assert.That(_live.Errors.Select(error => error.Code), Is.EqualTo(new[] { "unauthorized" }));
            Assert.That(_live.Client.IsOpen, Is.False);
        }

        [UnityTest]
        public IEnumerator What_can_not_be_made_says_why_and_what_showed_before_stays()
        {
            yield return _live.Connect();
            VRBridgeMaterial material = null;
            yield return MakeMaterial(64, made => material = made);
            Texture before = Map(material, _baseMap);
            _live.Errors.Clear();
            material.SizePx = 100;
            material.Generate(_live.Client);
            yield return _live.Until(() => !material.IsGenerating, "an end");
            Assert.That(_live.Errors.Single().Field, Is.EqualTo("params.size_px"));
            Assert.That(Map(material, _baseMap), Is.EqualTo(before));
        }

        private IEnumerator MakeMaterial(int sizePx, Action<VRBridgeMaterial> use = null)
        {
            VRBridgeMaterial material = NewMaterial(sizePx);
            material.Failed += _live.Errors.Add;
            var shown = new List<int>();
            BridgeMap facts = null;
            material.PreviewShown += shown.Add;
            material.Completed += result => facts = result;
            Shader shader = material.Material.shader;
            material.Generate(_live.Client);
            yield return _live.Until(() => facts != null, "a material");
            Assert.That(shown, Is.Not.Empty.And.Ordered);
            Assert.That(facts.Text("model"), Is.Not.Empty);
            foreach (int map in new[] { _baseMap, _normalMap, _ormMap })
            {
                Assert.That(Map(material, map).width, Is.EqualTo(sizePx));
                Assert.That(Map(material, map).isReadable, Is.False, "no second copy is kept");
            }
            Assert.That(material.Material.shader, Is.EqualTo(shader), "no shader was compiled for it");
            Assert.That(_live.Errors, Is.Empty);
            use?.Invoke(material);
        }

        private IEnumerator MakeProp(int texturePx, Action<VRBridgeMesh> use)
        {
            VRBridgeMesh prop = NewProp(texturePx);
            prop.Failed += _live.Errors.Add;
            var shown = new List<int>();
            bool isDone = false;
            prop.LevelShown += shown.Add;
            prop.Completed += _ => isDone = true;
            prop.Generate(_live.Client);
            Assert.That(prop.transform.Find("Placeholder"), Is.Not.Null);
            yield return _live.Until(() => isDone, "a prop");
            yield return null;
            Assert.That(shown.Take(3), Is.EqualTo(new[] { 2, 1, 0 }), "the coarsest first");
            Assert.That(prop.transform.Find("Placeholder"), Is.Null);
            Assert.That(_live.Errors, Is.Empty);
            use(prop);
        }

        private VRBridgeMaterial NewMaterial(int sizePx)
        {
            VRBridgeMaterial material = _live.Objects.Make<VRBridgeMaterial>("wall");
            material.GeneratesOnStart = false;
            material.Prompt = "mossy stone wall";
            material.SizePx = sizePx;
            return material;
        }

        private VRBridgeMesh NewProp(int texturePx)
        {
            VRBridgeMesh prop = _live.Objects.Make<VRBridgeMesh>("crate");
            prop.GeneratesOnStart = false;
            prop.Prompt = "a wooden crate";
            prop.TexturePx = texturePx;
            return prop;
        }

        private static Texture Map(VRBridgeMaterial material, int property)
        {
            return material.Material.GetTexture(property);
        }

        private static Mesh MeshOf(VRBridgeMesh prop, int level)
        {
            return prop.Level(level).GetComponent<MeshFilter>().sharedMesh;
        }

        // Faces look where their corners' normals do, and tangents lie on the surface.
        private static void CheckFaces(Mesh mesh)
        {
            Vector3[] corners = mesh.vertices;
            Vector3[] normals = mesh.normals;
            int[] triangles = mesh.triangles;
            int nTurned = 0;
            for (int place = 0; place < triangles.Length; place += 3)
            {
                Vector3 a = corners[triangles[place]];
                Vector3 face = Vector3.Cross(corners[triangles[place + 1]] - a, corners[triangles[place + 2]] - a);
                nTurned += Vector3.Dot(face, normals[triangles[place]]) < 0 ? 1 : 0;
            }
            Assert.That(nTurned, Is.LessThan(triangles.Length / 3 / 20), "faces that look in");
            foreach (Vector4 tangent in mesh.tangents)
            {
                Assert.That(new Vector3(tangent.x, tangent.y, tangent.z).magnitude, Is.EqualTo(1).Within(1e-3f));
                Assert.That(Math.Abs(tangent.w), Is.EqualTo(1));
            }
        }
    }
}
