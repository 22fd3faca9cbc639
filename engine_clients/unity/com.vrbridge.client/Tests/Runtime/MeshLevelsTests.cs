using System.Collections;
using System.Linq;
using NUnit.Framework;
using UnityEngine;
using UnityEngine.TestTools;

namespace VRBridge.Tests
{
    public sealed class MeshLevelsTests
    {
        private readonly Stage _stage = new Stage();
        private GameObject _thing;
        private MeshLevels _levels;

        [SetUp]
        public void Prepare()
        {
            _thing = _stage.Make("thing");
            _levels = new MeshLevels(_thing);
        }

        [TearDown]
        public void Clear()
        {
            _levels.Free();
            _stage.Clear();
            LogAssert.NoUnexpectedReceived();
        }

        [Test]
        public void Levels_share_the_distances_as_they_come()
        {
            Put(2);
            Assert.That(Heights(), Is.EqualTo(new[] { 0f }), "the only one is seen from everywhere");
            Put(0);
            Put(1);
            float[] heights = Heights();
            Assert.That(heights[0], Is.EqualTo(0.2165f).Within(1e-4f));
            Assert.That(heights[1], Is.EqualTo(heights[0] / 3).Within(1e-4f), "three times as far");
            Assert.That(heights[2], Is.EqualTo(0));
            Renderer[] inOrder = _thing.GetComponent<LODGroup>().GetLODs().Select(each => each.renderers[0]).ToArray();
            Assert.That(inOrder, Is.EqualTo(new[] { _levels.RendererOf(0), _levels.RendererOf(1), _levels.RendererOf(2) }));
        }

        [Test]
        public void The_group_is_as_large_as_the_finest_level()
        {
            Put(2, nQuads: 1);
            Put(0, nQuads: 3);
            LODGroup group = _thing.GetComponent<LODGroup>();
            Assert.That(group.size, Is.EqualTo(5));
            Assert.That(group.localReferencePoint, Is.EqualTo(new Vector3(-2.5f, 0.5f, 0)));
            Assert.That(_levels.Bounds.size, Is.EqualTo(new Vector3(5, 1, 0)));
        }

        [Test]
        public void A_level_that_comes_again_takes_the_place_of_the_older_one()
        {
            Surface shared = NewSurface();
            Put(0, surface: shared);
            Put(1, surface: shared);
            Surface another = NewSurface();
            Put(0, surface: another);
            Assert.That(_levels.RendererOf(0).sharedMaterial, Is.EqualTo(another.Material));
            Assert.That(Heights().Length, Is.EqualTo(2));
            Assert.That(shared.Material != null, "the other level still wears it");
        }

        [Test]
        public void The_collider_is_convex()
        {
            Mesh hull = NewMesh(1);
            _levels.PutCollider(hull);
            Assert.That(_levels.Collider.convex);
            Assert.That(_levels.Collider.sharedMesh, Is.EqualTo(hull));
            Assert.That(_thing.GetComponent<MeshCollider>(), Is.EqualTo(_levels.Collider));
        }

        [UnityTest]
        public IEnumerator A_thing_made_anew_keeps_nothing_of_the_older_one()
        {
            Surface old = NewSurface();
            Put(0, surface: old);
            Put(1, surface: old);
            _levels.PutCollider(NewMesh(1));
            Renderer coarse = _levels.RendererOf(1);
            MeshCollider collider = _levels.Collider;
            _levels.Begin();
            Put(0, nQuads: 3);
            Assert.That(coarse != null && Heights().Length == 2, "what shows stays as long as more may come");
            _levels.End(1);
            yield return null;
            Assert.That(Heights(), Is.EqualTo(new[] { 0f }));
            Assert.That(_levels.RendererOf(1), Is.Null);
            Assert.That(_levels.Collider, Is.Null);
            Assert.That(coarse == null && collider == null && old.Material == null, "all of it is freed");
            Assert.That(_levels.RendererOf(0) != null);
        }

        [UnityTest]
        public IEnumerator A_thing_of_which_nothing_came_leaves_the_older_one()
        {
            Put(0);
            _levels.PutCollider(NewMesh(1));
            _levels.Begin();
            _levels.End(1);
            yield return null;
            Assert.That(_levels.RendererOf(0) != null && _levels.Collider != null);
        }

        private float[] Heights()
        {
            return _thing.GetComponent<LODGroup>().GetLODs().Select(each => each.screenRelativeTransitionHeight).ToArray();
        }

        private void Put(int number, int nQuads = 1, Surface surface = null)
        {
            _levels.Put(number, NewMesh(nQuads), new[] { surface ?? NewSurface() }, 1);
        }

        private static Surface NewSurface()
        {
            return new Surface(Surface.NewMaterial("test"));
        }

        private static Mesh NewMesh(int nQuads)
        {
            Mesh.MeshDataArray target = Mesh.AllocateWritableMeshData(1);
            return new ShapeBuilder(SampleFiles.Shape("lod0", SampleFiles.Quads(nQuads)), target).Finished().Apply("test");
        }
    }
}
