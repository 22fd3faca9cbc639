#if VRBRIDGE_GLTFAST
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
    public sealed class GltfastTests
    {
        // One triangle.
        private const string _glb =
            "Z2xURgIAAACEAwAAFAMAAEpTT057InNjZW5lIjowLCJzY2VuZXMiOlt7Im5vZGVzIjpbMF19XSwiYXNzZXQiOnsidmVyc2lv"
            + "biI6IjIuMCIsImdlbmVyYXRvciI6Imh0dHBzOi8vZ2l0aHViLmNvbS9taWtlZGgvdHJpbWVzaCJ9LCJhY2Nlc3NvcnMiOlt7"
            + "ImNvbXBvbmVudFR5cGUiOjUxMjUsInR5cGUiOiJTQ0FMQVIiLCJidWZmZXJWaWV3IjowLCJjb3VudCI6MywibWF4IjpbMl0s"
            + "Im1pbiI6WzBdfSx7ImNvbXBvbmVudFR5cGUiOjUxMjYsInR5cGUiOiJWRUMzIiwiYnl0ZU9mZnNldCI6MCwiYnVmZmVyVmll"
            + "dyI6MSwiY291bnQiOjMsIm1heCI6WzEuMCwxLjAsMC4wXSwibWluIjpbMC4wLDAuMCwwLjBdfSx7ImNvbXBvbmVudFR5cGUi"
            + "OjUxMjYsImNvdW50IjozLCJ0eXBlIjoiVkVDMyIsImJ5dGVPZmZzZXQiOjAsImJ1ZmZlclZpZXciOjIsIm1heCI6WzAuMCww"
            + "LjAsMS4wXSwibWluIjpbMC4wLDAuMCwxLjBdfV0sIm1lc2hlcyI6W3sibmFtZSI6Imdlb21ldHJ5XzAiLCJleHRyYXMiOnt9"
            + "LCJwcmltaXRpdmVzIjpbeyJhdHRyaWJ1dGVzIjp7IlBPU0lUSU9OIjoxLCJOT1JNQUwiOjJ9LCJpbmRpY2VzIjowLCJtb2Rl"
            + "Ijo0fV19XSwibm9kZXMiOlt7Im5hbWUiOiJnZW9tZXRyeV8wIiwibWVzaCI6MH1dLCJidWZmZXJzIjpbeyJieXRlTGVuZ3Ro"
            + "Ijo4NH1dLCJidWZmZXJWaWV3cyI6W3siYnVmZmVyIjowLCJieXRlT2Zmc2V0IjowLCJieXRlTGVuZ3RoIjoxMn0seyJidWZm"
            + "ZXIiOjAsImJ5dGVPZmZzZXQiOjEyLCJieXRlTGVuZ3RoIjozNn0seyJidWZmZXIiOjAsImJ5dGVPZmZzZXQiOjQ4LCJieXRl"
            + "TGVuZ3RoIjozNn1dfSAgIFQAAABCSU4AAAAAAAEAAAACAAAAAAAAAAAAAAAAAAAAAACAPwAAAAAAAAAAAAAAAAAAgD8AAAAA"
            + "AAAAAAAAAAAAAIA/AAAAAAAAAAAAAIA/AAAAAAAAAAAAAIA/";

        private readonly Stage _stage = new Stage();
        private MeshLoader _loader;
        private MeshLevels _levels;
        private List<BridgeError> _errors;
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
            _errors = new List<BridgeError>();
            _nFinished = 0;
            _loader.FileLoaded += (number, file) => _levels.Put(number, file, 1);
            _loader.ColliderLoaded += _levels.PutCollider;
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
        public IEnumerator A_level_and_a_collider_that_come_as_GLB_are_shown()
        {
            BridgeAsset level = Glb("lod0");
            _loader.Take(level);
            _loader.Take(Glb("collider"));
            _loader.Complete();
            yield return Stage.Until(() => _nFinished == 1, () => string.Join(", ", _errors));
            Assert.That(_levels.RendererOf(0), Is.Not.Null);
            Assert.That(_levels.Collider, Is.Not.Null);
            Assert.That(_levels.Collider.sharedMesh, Is.Not.Null);
            Assert.That(_errors, Is.Empty);
            Assert.That(() => level.Buffer, Throws.TypeOf<ObjectDisposedException>(), "its bytes were given back");
            Renderer before = _levels.RendererOf(0);
            _loader.Take(Glb("lod0"));
            _loader.Complete();
            yield return Stage.Until(() => _nFinished == 2, () => string.Join(", ", _errors));
            yield return null;
            yield return null;
            Assert.That(before == null, "what was replaced is freed");
            Assert.That(_levels.RendererOf(0) != null);
        }

        [UnityTest]
        public IEnumerator A_file_that_is_read_late_does_not_take_the_place_of_a_newer_one()
        {
            BridgeAsset first = Glb("lod0");
            _loader.Take(Glb("lod0"));
            yield return Stage.Until(() => !_levels.IsEmpty, () => string.Join(", ", _errors));
            Renderer newer = _levels.RendererOf(0);
            _loader.Take(first);
            _loader.Complete();
            yield return Stage.Until(() => _nFinished == 1, () => string.Join(", ", _errors));
            yield return null;
            Assert.That(newer != null && _levels.RendererOf(0) == newer);
            Assert.That(_errors, Is.Empty);
        }

        [UnityTest]
        public IEnumerator What_is_no_GLB_says_so()
        {
            _loader.Take(SampleFiles.Asset("lod1", "model/gltf-binary", new byte[40]));
            _loader.Complete();
            yield return Stage.Until(() => _nFinished == 1, () => "an end");
            Assert.That(_errors.Single().Code, Is.EqualTo("unreadable"));
            Assert.That(_levels.IsEmpty);
        }

        [Test]
        public void GLB_is_offered_after_the_arrays()
        {
            Assert.That(MeshLoader.Formats, Is.EqualTo(new[] { "arrays", "glb" }));
        }

        private static BridgeAsset Glb(string role)
        {
            return SampleFiles.Asset(role, "model/gltf-binary", Convert.FromBase64String(_glb));
        }
    }
}
#endif
