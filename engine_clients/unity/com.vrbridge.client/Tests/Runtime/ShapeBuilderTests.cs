using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;
using UnityEngine;
using UnityEngine.Rendering;
using UnityEngine.TestTools;
using VRBridge.Core;

namespace VRBridge.Tests
{
    public sealed class ShapeBuilderTests
    {
        private readonly List<Mesh> _made = new List<Mesh>();

        [TearDown]
        public void Clear()
        {
            _made.ForEach(Object.DestroyImmediate);
            _made.Clear();
            LogAssert.NoUnexpectedReceived();
        }

        [Test]
        public void Arrays_become_a_mesh_with_its_surfaces_and_materials()
        {
            ShapeBuilder builder = Built(SampleFiles.Quads(2));
            Mesh mesh = Applied(builder);
            Assert.That(mesh.vertexCount, Is.EqualTo(8));
            Assert.That(mesh.subMeshCount, Is.EqualTo(2));
            Assert.That(builder.Materials.Select(each => each.Text("name")), Is.EqualTo(new[] { "part 0", "part 1" }));
            Assert.That(mesh.GetTriangles(1), Is.EqualTo(new[] { 4, 6, 5, 5, 6, 7 }), "the other way round");
            Assert.That(mesh.colors32[0].g, Is.EqualTo(128));
            Assert.That(mesh.indexFormat, Is.EqualTo(IndexFormat.UInt16));
        }

        [Test]
        public void Shapes_are_mirrored_and_their_faces_still_look_out()
        {
            Mesh mesh = Applied(Built(SampleFiles.Quads(1)));
            Vector3[] corners = mesh.vertices;
            Assert.That(corners[1], Is.EqualTo(new Vector3(-1, 0, 0)));
            Assert.That(mesh.normals[0], Is.EqualTo(Vector3.forward));
            int[] face = mesh.GetTriangles(0);
            Vector3 normal = Vector3.Cross(
                corners[face[1]] - corners[face[0]], corners[face[2]] - corners[face[0]]).normalized;
            Assert.That(normal, Is.EqualTo(mesh.normals[0]));
        }

        [Test]
        public void Bounds_hold_every_corner()
        {
            Bounds bounds = Applied(Built(SampleFiles.Quads(3))).bounds;
            Assert.That(bounds.min, Is.EqualTo(new Vector3(-5, 0, 0)));
            Assert.That(bounds.max, Is.EqualTo(new Vector3(0, 1, 0)));
        }

        [Test]
        public void Texture_coordinates_run_up_and_tangents_follow_them()
        {
            Mesh mesh = Applied(Built(SampleFiles.Quads(1)));
            Vector3[] corners = mesh.vertices;
            Vector2[] uv = mesh.uv;
            Assert.That(uv[2].y - uv[0].y, Is.EqualTo(1), "v grows as the wall does");
            for (int vertex = 0; vertex < mesh.vertexCount; vertex++)
            {
                Vector4 tangent = mesh.tangents[vertex];
                var along = new Vector3(tangent.x, tangent.y, tangent.z);
                Vector3 up = Vector3.Cross(mesh.normals[vertex], along) * tangent.w;
                // u grows to where the second corner is, v to where the third is.
                Assert.That(along, Is.EqualTo((corners[1] - corners[0]).normalized));
                Assert.That(up, Is.EqualTo((corners[2] - corners[0]).normalized));
            }
        }

        [Test]
        public void A_corner_without_texture_still_has_a_tangent_of_length_one()
        {
            BridgeMap arrays = SampleFiles.Quads(1);
            arrays["uv"] = new byte[4 * 2 * sizeof(float)];
            Mesh mesh = Applied(Built(arrays));
            foreach (Vector4 tangent in mesh.tangents)
            {
                var along = new Vector3(tangent.x, tangent.y, tangent.z);
                Assert.That(along.magnitude, Is.EqualTo(1).Within(1e-5f));
                Assert.That(Vector3.Dot(along, Vector3.forward), Is.EqualTo(0).Within(1e-5f));
            }
        }

        [Test]
        public void Wide_indices_and_many_slices_do_just_as_well()
        {
            const int nQuads = 20000;
            BridgeMap arrays = SampleFiles.Quads(nQuads, indexBytes: 4);
            arrays["surfaces"] = new BridgeList();
            ShapeBuilder builder = NewBuilder(arrays);
            int nSlices = 1;
            while (!builder.Step())
            {
                nSlices++;
            }
            Mesh mesh = Applied(builder);
            Assert.That(nSlices, Is.GreaterThan(100));
            Assert.That(mesh.indexFormat, Is.EqualTo(IndexFormat.UInt32));
            Assert.That(mesh.subMeshCount, Is.EqualTo(1));
            int last = 4 * (nQuads - 1);
            int[] triangles = mesh.GetTriangles(0);
            Assert.That(triangles.Length, Is.EqualTo(6 * nQuads));
            Assert.That(
                triangles.Skip(triangles.Length - 3), Is.EqualTo(new[] { last + 1, last + 2, last + 3 }));
        }

        [Test]
        public void Arrays_that_do_not_fit_together_say_so()
        {
            var changes = new Dictionary<string, BridgeValue>
            {
                { "positions", new byte[0] },
                { "normals", new byte[] { 1, 2, 3, 4 } },
                { "uv", default },
                { "colors", new byte[] { 255 } },
                { "indices", new byte[] { 0, 0, 200, 0, 1, 0 } },
                { "index_bytes", 3 },
                { "surfaces", new BridgeList { new BridgeMap { { "start", 0 }, { "count", 7 } } } },
            };
            foreach (KeyValuePair<string, BridgeValue> each in changes)
            {
                BridgeMap arrays = SampleFiles.Quads(1);
                arrays[each.Key] = each.Value;
                Mesh.MeshDataArray target = Mesh.AllocateWritableMeshData(1);
                ShapeBuilder builder = new ShapeBuilder(SampleFiles.Shape("lod0", arrays), target).Finished();
                Assert.That(builder.Error, Is.Not.Null.And.Not.Empty, each.Key);
                target.Dispose();
            }
        }

        private static ShapeBuilder NewBuilder(BridgeMap arrays)
        {
            return new ShapeBuilder(SampleFiles.Shape("lod0", arrays), Mesh.AllocateWritableMeshData(1));
        }

        private static ShapeBuilder Built(BridgeMap arrays)
        {
            ShapeBuilder builder = NewBuilder(arrays).Finished();
            Assert.That(builder.Error, Is.Null);
            return builder;
        }

        private Mesh Applied(ShapeBuilder builder)
        {
            Mesh mesh = builder.Apply("test");
            _made.Add(mesh);
            return mesh;
        }
    }
}
