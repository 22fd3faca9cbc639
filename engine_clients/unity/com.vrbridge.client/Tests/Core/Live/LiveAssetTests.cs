using System.Collections.Generic;
using NUnit.Framework;

namespace VRBridge.Core.Tests
{
    /// <summary>Assets of a real server.</summary>
    [TestFixture]
    public sealed class LiveAssetTests
    {
        private static readonly string[] _maps = { "preview", "base_color", "normal", "orm" };

        [TestCase("bc1,bc5", 131, 141)]
        [TestCase("bc5,bc7", 145, 141)]
        [TestCase("etc2", 147, 147)]
        [TestCase("astc4x4", 157, 157)]
        [TestCase("astc6x6", 165, 165)]
        [TestCase("rgba8", 37, 37)]
        public void A_material_arrives_in_the_format_that_was_wanted(string formats, int color, int normal)
        {
            using var scene = new LiveScene("URL", options => options.TextureFormats = formats.Split(','));
            BridgeRequest request = scene.Bridge.Request("texture", new BridgeMap
            {
                { "prompt", "mossy stone wall" }, { "size_px", 128 }, { "seed", 4 },
            });
            var found = new Dictionary<string, int>();
            request.AssetReceived += asset =>
            {
                found[asset.Role] = asset.Role == "preview" ? 0 : FormatOf(asset);
                asset.Release();
            };
            scene.Done(request);
            Assert.That(found.Keys, Is.EqualTo(_maps));
            Assert.That(found["base_color"], Is.EqualTo(color));
            Assert.That(found["normal"], Is.EqualTo(normal));
        }

        [Test]
        public void A_prop_arrives_as_arrays_the_coarsest_level_first()
        {
            using var scene = new LiveScene("URL");
            BridgeRequest request = Barrel(scene);
            var faces = new List<int>();
            var roles = new List<string>();
            request.AssetReceived += asset =>
            {
                Assert.That(asset.MediaType, Is.EqualTo(MeshArrays.MediaType));
                Assert.That(MeshArrays.TryRead(asset.Span, out MeshArrays mesh, out string error), error);
                Assert.That(mesh.NVertices, Is.EqualTo(asset.Meta.Whole("vertices")));
                Assert.That(mesh.NIndices / 3, Is.EqualTo(asset.Meta.Whole("faces")));
                BridgeMap bounds = asset.Meta.MapOf("bounds");
                Assert.That(mesh.Max.Y, Is.EqualTo(bounds.VectorOf("max").Y).Within(1e-3));
                Assert.That(mesh.Min.Y, Is.EqualTo(bounds.VectorOf("min").Y).Within(1e-3));
                faces.Add(mesh.NIndices / 3);
                roles.Add(asset.Role);
                asset.Release();
            };
            scene.Done(request);
            Assert.That(roles, Is.EqualTo(new[] { "lod2", "lod1", "lod0", "collider" }));
            Assert.That(faces[0], Is.InRange(8, 80));
            Assert.That(faces[1], Is.InRange(faces[0], 400));
            Assert.That(faces[2], Is.InRange(faces[1], 1500));
        }

        [Test]
        public void A_prop_arrives_as_glb_if_that_is_wanted()
        {
            using var scene = new LiveScene("URL", options => options.MeshFormats = new[] { "glb" });
            BridgeRequest request = Barrel(scene);
            var beginnings = new List<string>();
            request.AssetReceived += asset =>
            {
                beginnings.Add(asset.MediaType + " " + System.Text.Encoding.ASCII.GetString(asset.Buffer, 0, 4));
                asset.Release();
            };
            scene.Done(request);
            Assert.That(beginnings.Count, Is.EqualTo(4));
            Assert.That(beginnings.TrueForAll(beginning => beginning == "model/gltf-binary glTF"));
        }

        [Test]
        public void A_map_can_be_looked_at_while_it_arrives()
        {
            using var scene = new LiveScene("URL", options =>
            {
                options.ChunkBytes = 4096;
                options.WindowBytes = 16384;
            });
            BridgeRequest request = scene.Large();
            int coarsest = 0;
            request.AssetGrew += asset =>
            {
                if (asset.Role == "base_color" && Ktx2File.TryRead(asset.Span, out Ktx2File file, out _))
                {
                    int level = file.FinestLevel(asset.NArrived);
                    if (level > 0)
                    {
                        coarsest = System.Math.Max(coarsest, level);
                        Assert.That(file.Level(asset.Span, level).Length, Is.EqualTo(file.LevelBytes(level)));
                    }
                }
            };
            List<string> roles = LiveScene.RolesOf(request);
            scene.Done(request);
            Assert.That(roles, Is.EqualTo(_maps));
            Assert.That(coarsest, Is.GreaterThan(0));
        }

        [Test]
        public void Assets_of_one_to_sixteen_thousand_kilobytes_arrive_whole()
        {
            using var scene = new LiveScene("URL", options => options.WindowBytes = 2 << 20);
            long smallest = long.MaxValue;
            long largest = 0;
            foreach (int sizePx in new[] { 64, 256, 1024, 2048 })
            {
                BridgeRequest request = scene.Bridge.Request("texture", new BridgeMap
                {
                    { "prompt", "brick wall" },
                    { "size_px", sizePx },
                    { "seed", 2 },
                    { "format", "rgba8" },
                    { "maps", new BridgeList { "base_color" } },
                });
                request.AssetStarted += asset =>
                {
                    smallest = System.Math.Min(smallest, asset.NBytes);
                    largest = System.Math.Max(largest, asset.NBytes);
                };
                List<string> roles = LiveScene.RolesOf(request);
                scene.Done(request);
                Assert.That(roles, Is.EqualTo(new[] { "preview", "base_color" }), sizePx + " px");
            }
            Assert.That(smallest, Is.LessThan(4 << 10));
            Assert.That(largest, Is.GreaterThan(16 << 20));
        }

        [Test]
        public void An_asset_that_is_skipped_does_not_come()
        {
            using var scene = new LiveScene("URL");
            BridgeRequest request = scene.Large(7);
            request.AssetStarted += asset =>
            {
                if (asset.Role == "normal")
                {
                    scene.Bridge.Skip(asset);
                }
            };
            List<string> roles = LiveScene.RolesOf(request);
            scene.Done(request);
            // What is on its way already may still come whole.
            roles.Remove("normal");
            Assert.That(roles, Is.EqualTo(new[] { "preview", "base_color", "orm" }));
        }

        private static BridgeRequest Barrel(LiveScene scene)
        {
            return scene.Bridge.Request("mesh", new BridgeMap { { "prompt", "a wooden barrel" }, { "seed", 5 } });
        }

        private static int FormatOf(BridgeAsset asset)
        {
            Assert.That(asset.MediaType, Is.EqualTo(Ktx2File.MediaType));
            Assert.That(Ktx2File.TryRead(asset.Span, out Ktx2File file, out string error), error);
            Assert.That(file.WidthPx, Is.EqualTo(asset.Meta.Whole("width_px")));
            Assert.That(file.NLevels, Is.EqualTo(asset.Meta.Whole("levels")));
            Assert.That(file.FinestLevel(asset.NBytes), Is.EqualTo(0));
            Assert.That(file.LevelStart(file.NLevels - 1), Is.LessThan(file.LevelStart(0)), "the smallest comes first");
            return file.VkFormat;
        }
    }
}
