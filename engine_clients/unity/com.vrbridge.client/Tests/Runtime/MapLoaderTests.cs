using System;
using System.Collections.Generic;
using NUnit.Framework;
using UnityEngine;
using UnityEngine.Experimental.Rendering;
using UnityEngine.TestTools;
using VRBridge.Core;

namespace VRBridge.Tests
{
    public sealed class MapLoaderTests
    {
        private static readonly int _baseMap = Shader.PropertyToID("_BaseMap");
        private static readonly int _normalMap = Shader.PropertyToID("_BumpMap");
        private static readonly int _ormMap = Shader.PropertyToID("_OrmMap");
        private static readonly int _metallic = Shader.PropertyToID("_Metallic");

        private FrameBudget _budget;
        private Surface _surface;
        private MapLoader _loader;
        private List<int> _shown;
        private List<BridgeError> _errors;
        private int _nSwapped;

        [SetUp]
        public void Prepare()
        {
            _budget = new FrameBudget(1, () => 0);
            _surface = new Surface(Surface.NewMaterial("test"));
            _loader = new MapLoader(_surface, _budget);
            _shown = new List<int>();
            _errors = new List<BridgeError>();
            _nSwapped = 0;
            _loader.Shown += _shown.Add;
            _loader.Unreadable += _errors.Add;
            _loader.Swapped += () => _nSwapped++;
        }

        [TearDown]
        public void Clear()
        {
            _surface.Free();
            UnityEngine.Object.DestroyImmediate(_surface.Material);
            LogAssert.NoUnexpectedReceived();
        }

        [Test]
        public void A_set_is_swapped_in_when_all_of_it_is_there()
        {
            foreach (string role in new[] { "base_color", "normal", "orm" })
            {
                _loader.Take(SampleFiles.Picture(role, 64));
            }
            Frames(3);
            Assert.That(Map(_baseMap), Is.Null, "nothing shows before the set is complete");
            _loader.Complete();
            Assert.That(_nSwapped, Is.EqualTo(1));
            Assert.That(Map(_baseMap).width, Is.EqualTo(64));
            Assert.That(Map(_normalMap), Is.Not.Null);
            Assert.That(Map(_ormMap), Is.Not.Null);
            Assert.That(_surface.Material.GetFloat(_metallic), Is.EqualTo(1), "the map says how metallic it is");
            Assert.That(_loader.MetresPerTile, Is.EqualTo(2));
        }

        [Test]
        public void A_set_that_is_still_being_uploaded_is_waited_for()
        {
            _loader.Take(SampleFiles.Picture("base_color", 64));
            _loader.Take(SampleFiles.Picture("normal", 64));
            _loader.Complete();
            Frames(1);
            Assert.That(_nSwapped, Is.EqualTo(0), "one upload a frame");
            Frames(1);
            Assert.That(_nSwapped, Is.EqualTo(1));
        }

        [Test]
        public void Colours_are_sRGB_and_numbers_are_linear()
        {
            Load("base_color", "normal", "orm");
            Assert.That(Map(_baseMap).graphicsFormat, Is.EqualTo(GraphicsFormat.R8G8B8A8_SRGB));
            Assert.That(Map(_normalMap).graphicsFormat, Is.EqualTo(GraphicsFormat.R8G8B8A8_UNorm));
            Assert.That(Map(_ormMap).graphicsFormat, Is.EqualTo(GraphicsFormat.R8G8B8A8_UNorm));
        }

        [Test]
        public void Maps_tile_have_all_their_levels_and_no_second_copy()
        {
            Load("base_color");
            Texture map = Map(_baseMap);
            Assert.That(map.mipmapCount, Is.EqualTo(7));
            Assert.That(map.wrapMode, Is.EqualTo(TextureWrapMode.Repeat));
            Assert.That(map.isReadable, Is.False);
        }

        [Test]
        public void Coarse_levels_show_while_a_picture_arrives()
        {
            int nBytes = SampleFiles.Ktx2(256).Length;
            BridgeAsset asset = SampleFiles.Picture("base_color", 256, nArrived: 0);
            byte[] file = SampleFiles.Ktx2(256);
            for (int place = 0; place < nBytes; place += 1000)
            {
                asset.Add(place, file.AsSpan(place, Math.Min(1000, nBytes - place)));
                _loader.Grow(asset);
                Frames(1);
            }
            Assert.That(_shown, Is.EqualTo(new[] { 32, 64, 128 }));
            Assert.That(Map(_baseMap).width, Is.EqualTo(128));
        }

        [Test]
        public void The_preview_shows_first_and_nothing_coarser_after_it()
        {
            _loader.Take(SampleFiles.Preview());
            Frames(1);
            Assert.That(_shown, Is.EqualTo(new[] { 16 }));
            Assert.That(Map(_baseMap).width, Is.EqualTo(16));
            _loader.Take(SampleFiles.Preview());
            Frames(1);
            Assert.That(_shown, Is.EqualTo(new[] { 16 }));
        }

        [Test]
        public void Whatever_is_damaged_says_so_and_the_rest_is_used()
        {
            byte[] cut = SampleFiles.Ktx2(64).AsSpan(0, 5000).ToArray();
            _loader.Take(SampleFiles.Asset("normal", Ktx2File.MediaType, cut));
            _loader.Take(SampleFiles.Asset("orm", "image/tiff", new byte[] { 1, 2, 3 }));
            _loader.Take(SampleFiles.Asset("height", Ktx2File.MediaType, SampleFiles.Ktx2(64, vkFormat: 98)));
            _loader.Take(SampleFiles.Asset("preview", "image/jpeg", new byte[] { 9, 9, 9 }));
            Load("base_color");
            Assert.That(_nSwapped, Is.EqualTo(1));
            Assert.That(Map(_baseMap), Is.Not.Null);
            Assert.That(_errors.ConvertAll(error => error.Code), Is.EqualTo(new[]
            {
                "unreadable", "unreadable", "unreadable", "unreadable",
            }));
            Assert.That(_errors[0].Message, Contains.Substring("`normal`"));
            Assert.That(_errors[2].Message, Contains.Substring("98"));
        }

        [Test]
        public void What_showed_before_shows_again_if_nothing_comes_of_it()
        {
            Load("base_color", "normal", "orm");
            Texture before = Map(_baseMap);
            var second = new MapLoader(_surface, _budget);
            second.Take(SampleFiles.Preview());
            Frames(1);
            Assert.That(Map(_baseMap), Is.Not.EqualTo(before));
            second.Abandon();
            Assert.That(Map(_baseMap), Is.EqualTo(before));
        }

        [Test]
        public void What_is_begun_anew_forgets_what_came()
        {
            BridgeAsset asset = SampleFiles.Picture("base_color", 64);
            _loader.Take(asset);
            _loader.Restart();
            Frames(1);
            Assert.That(() => asset.Buffer, Throws.TypeOf<ObjectDisposedException>(), "its bytes were given back");
            _loader.Complete();
            Assert.That(_nSwapped, Is.EqualTo(1));
            Assert.That(Map(_baseMap), Is.Null);
        }

        [Test]
        public void Bytes_are_given_back_as_soon_as_they_are_uploaded()
        {
            BridgeAsset asset = SampleFiles.Picture("orm", 64);
            _loader.Take(asset);
            Assert.That(asset.Buffer, Is.Not.Null);
            Frames(1);
            Assert.That(() => asset.Buffer, Throws.TypeOf<ObjectDisposedException>());
        }

        [Test]
        public void Formats_are_told_in_the_order_in_which_they_are_wanted()
        {
            IReadOnlyList<string> formats = TextureFormats.Supported();
            Assert.That(formats, Is.Unique);
            Assert.That(formats[formats.Count - 1], Is.EqualTo("rgba8"));
            Assert.That(formats, Is.SubsetOf(new[] { "bc1", "bc5", "etc2", "astc4x4", "rgba8" }));
        }

        private void Load(params string[] roles)
        {
            foreach (string role in roles)
            {
                _loader.Take(SampleFiles.Picture(role, 64));
            }
            _loader.Complete();
            Frames(10);
        }

        private void Frames(int n)
        {
            for (int frame = 0; frame < n; frame++)
            {
                _budget.Begin();
                _budget.Run();
                _budget.End();
            }
        }

        private Texture Map(int property)
        {
            return _surface.Material.GetTexture(property);
        }
    }
}
