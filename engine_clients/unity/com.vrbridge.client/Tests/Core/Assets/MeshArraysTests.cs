using System;
using NUnit.Framework;

namespace VRBridge.Core.Tests
{
    [TestFixture]
    public sealed class MeshArraysTests
    {
        [TestCase(2)]
        [TestCase(4)]
        public void A_mesh_is_read_with_its_surfaces_and_its_box(int indexBytes)
        {
            BridgeMap map = Triangle(indexBytes);
            byte[] data = MessagePackWriter.Encode(map);
            Assert.That(MeshArrays.TryRead(data, out MeshArrays mesh, out string error), error);
            Assert.That(mesh.NVertices, Is.EqualTo(3));
            Assert.That(mesh.NIndices, Is.EqualTo(3));
            Assert.That(new[] { mesh.Index(0), mesh.Index(1), mesh.Index(2) }, Is.EqualTo(new[] { 0, 1, 2 }));
            Assert.That(mesh.Positions.ToArray(), Is.EqualTo(new[] { 0f, 0, 0, 2, 0, 0, 0, 1.5f, -1 }));
            Assert.That(mesh.Uv.Length, Is.EqualTo(6));
            Assert.That(mesh.Normals.Length, Is.EqualTo(9));
            Assert.That(mesh.Colors.Length, Is.EqualTo(12));
            Assert.That(mesh.Surfaces.Count, Is.EqualTo(1));
            Assert.That(mesh.Surfaces[0].Material.Number("roughness"), Is.EqualTo(0.8));
            Assert.That(Meaning.Of(mesh.Min), Is.EqualTo("[0 0 -1 ]"));
            Assert.That(Meaning.Of(mesh.Max), Is.EqualTo("[2 1.5 0 ]"));
        }

        [Test]
        public void Several_surfaces_are_ranges_of_the_indices()
        {
            BridgeMap map = Triangle(2);
            map["indices"] = new byte[] { 0, 0, 1, 0, 2, 0, 2, 0, 1, 0, 0, 0 };
            map["surfaces"] = new BridgeList
            {
                Surface(0, 3, "wood"), Surface(3, 3, "iron"),
            };
            byte[] data = MessagePackWriter.Encode(map);
            Assert.That(MeshArrays.TryRead(data, out MeshArrays mesh, out string error), error);
            Assert.That(mesh.Surfaces.Count, Is.EqualTo(2));
            Assert.That(mesh.Surfaces[1].Start, Is.EqualTo(3));
            Assert.That(mesh.Surfaces[1].Material.Text("name"), Is.EqualTo("iron"));
        }

        [Test]
        public void What_is_wrong_with_a_mesh_is_told()
        {
            AssertFault("0 vertices", map => map["positions"] = new byte[0]);
            AssertFault("different lengths", map => map["positions"] = new byte[37]);
            AssertFault("different lengths", map => map["normals"] = new byte[12]);
            AssertFault("different lengths", map => map["uv"] = new byte[12]);
            AssertFault("different lengths", map => map["colors"] = new byte[3]);
            AssertFault("different lengths", map => map["indices"] = new byte[5]);
            AssertFault("indices of 3 bytes", map => map["index_bytes"] = 3);
            AssertFault("4 indices", map => map["indices"] = new byte[8]);
            AssertFault("index 9 of 3", map => map["indices"] = new byte[] { 0, 0, 1, 0, 9, 0 });
            AssertFault("not finite", map => map["positions"] = Floats(0, 0, 0, 2, float.NaN, 0, 0, 1, 0));
            AssertFault("surface of indices", map => map["surfaces"] = new BridgeList { Surface(0, 6, "x") });
            AssertFault("surface of indices", map => map["surfaces"] = new BridgeList { Surface(-3, 3, "x") });
            AssertFault("surface of indices", map => map["surfaces"] = new BridgeList { Surface(1L << 50, 3, "x") });
            AssertFault("surface of indices", map => map["surfaces"] = new BridgeList { 5 });
            Assert.That(MeshArrays.TryRead(new byte[] { 0x93, 1, 2, 3 }, out _, out string error), Is.False);
            StringAssert.Contains("no map", error);
            Assert.That(MeshArrays.TryRead(new byte[] { 0xc1 }, out _, out error), Is.False);
            Assert.That(error, Is.Not.Empty);
        }

        [Test]
        public void Wide_indices_are_checked_too()
        {
            BridgeMap map = Triangle(4);
            map["indices"] = new byte[] { 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0x80 };
            Assert.That(MeshArrays.TryRead(MessagePackWriter.Encode(map), out _, out string error), Is.False);
            StringAssert.Contains("index 2147483648 of 3", error);
        }

        private static void AssertFault(string fault, Action<BridgeMap> damage)
        {
            BridgeMap map = Triangle(2);
            damage(map);
            byte[] data = MessagePackWriter.Encode(map);
            Assert.That(MeshArrays.TryRead(data, out MeshArrays mesh, out string error), Is.False, fault);
            Assert.That(mesh, Is.Null);
            StringAssert.Contains(fault, error);
        }

        private static BridgeMap Surface(long start, long count, string name)
        {
            return new BridgeMap
            {
                { "start", start }, { "count", count }, { "material", new BridgeMap { { "name", name } } },
            };
        }

        private static BridgeMap Triangle(int indexBytes)
        {
            return new BridgeMap
            {
                { "positions", Floats(0, 0, 0, 2, 0, 0, 0, 1.5f, -1) },
                { "normals", Floats(0, 0, 1, 0, 0, 1, 0, 0, 1) },
                { "uv", Floats(0, 0, 1, 0, 0, 1) },
                { "colors", new byte[12] },
                {
                    "indices", indexBytes == 2
                        ? new byte[] { 0, 0, 1, 0, 2, 0 }
                        : new byte[] { 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0 }
                },
                { "index_bytes", indexBytes },
                { "material", new BridgeMap { { "roughness", 0.8 } } },
            };
        }

        private static byte[] Floats(params float[] numbers)
        {
            var bytes = new byte[4 * numbers.Length];
            Buffer.BlockCopy(numbers, 0, bytes, 0, bytes.Length);
            return bytes;
        }
    }
}
