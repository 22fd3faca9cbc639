using NUnit.Framework;
using UnityEngine;
using UnityEngine.TestTools;

namespace VRBridge.Tests
{
    public sealed class SurfaceTests
    {
        private static readonly int _baseMap = Shader.PropertyToID("_BaseMap");
        private static readonly int _tilesPerMetre = Shader.PropertyToID("_TilesPerMetre");
        private static readonly int _isTriplanar = Shader.PropertyToID("_IsTriplanar");
        private static readonly int _vertexColor = Shader.PropertyToID("_VertexColor");
        private static readonly int _baseColor = Shader.PropertyToID("_BaseColor");

        private Surface _surface;

        [SetUp]
        public void Prepare()
        {
            _surface = new Surface(Surface.NewMaterial("test"));
        }

        [TearDown]
        public void Clear()
        {
            _surface.Free();
            Object.DestroyImmediate(_surface.Material);
            LogAssert.NoUnexpectedReceived();
        }

        [Test]
        public void Blocks_lie_upright_because_v_is_turned_over()
        {
            _surface.LayByUv(new Vector2(2, 3));
            // v = 1 is the top of a wall, where the first row of the picture has to be: at v' = 0.
            Assert.That(VOf(1), Is.EqualTo(0).Within(1e-5f));
            Assert.That(VOf(0), Is.EqualTo(3).Within(1e-5f));
            Assert.That(_surface.Material.GetTextureScale(_baseMap).x, Is.EqualTo(2));
        }

        [Test]
        public void A_decoded_preview_lies_upright_as_it_is()
        {
            _surface.PutStandIn(Textures.FromPreview(SampleFiles.Preview()), isTopDown: false);
            _surface.LayByUv(Vector2.one);
            Assert.That(VOf(1), Is.EqualTo(1));
            Assert.That(VOf(0), Is.EqualTo(0));
        }

        [Test]
        public void By_position_it_lies_as_upright()
        {
            _surface.LayByPosition(0.5f);
            Vector4 tiles = _surface.Material.GetVector(_tilesPerMetre);
            Assert.That(new[] { tiles.x, tiles.y }, Is.EqualTo(new[] { 0.5f, -0.5f }));
            Assert.That(_surface.Material.GetFloat(_isTriplanar), Is.EqualTo(1));
        }

        [Test]
        public void Colours_of_vertices_stand_in_until_maps_are_there()
        {
            _surface.SetFactors(new Color(0.5f, 0.5f, 0.5f, 1), 0.25f, 0.75f);
            Assert.That(_surface.Material.GetFloat(_vertexColor), Is.EqualTo(1));
            Assert.That(_surface.Material.GetColor(_baseColor).r, Is.EqualTo(0.735f).Within(0.001f), "as sRGB");
            _surface.DropFactors();
            Assert.That(_surface.Material.GetFloat(_vertexColor), Is.EqualTo(0));
            Assert.That(_surface.Material.GetColor(_baseColor), Is.EqualTo(Color.white));
        }

        [Test]
        public void A_template_without_our_properties_takes_what_it_can()
        {
            var template = new Material(Resources.Load<Shader>(Panel.ShaderPath));
            var surface = new Surface(Surface.NewMaterial("copy", template));
            surface.LayByPosition(1);
            surface.Put("orm", null);
            Assert.That(surface.Material.shader, Is.EqualTo(template.shader));
            Object.DestroyImmediate(surface.Material);
            Object.DestroyImmediate(template);
        }

        private float VOf(float v)
        {
            return v * _surface.Material.GetTextureScale(_baseMap).y + _surface.Material.GetTextureOffset(_baseMap).y;
        }
    }
}
