using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;
using UnityEngine;
using UnityEngine.TestTools;
using VRBridge.Samples.Courtyard;
using VRBridge.Samples.Courtyard.Editor;
using Object = UnityEngine.Object;

namespace VRBridge.Tests
{
    /// <summary>The courtyard, built and played.</summary>
    public sealed class LiveSampleTests
    {
        private static readonly int _baseMap = Shader.PropertyToID("_BaseMap");

        private Courtyard _courtyard;
        private Transform _eyes;

        [SetUp]
        public void Build()
        {
            CourtyardSetup.Build();
            VRBridgeSettings settings = ScriptableObject.CreateInstance<VRBridgeSettings>();
            settings.Url = Environment.GetEnvironmentVariable("VRBRIDGE_TEST_URL");
            settings.Token = Environment.GetEnvironmentVariable("VRBRIDGE_TEST_TOKEN");
            settings.DeviceName = "tests";
            Object.FindAnyObjectByType<VRBridgeClient>().Settings = settings;
            _courtyard = Object.FindAnyObjectByType<Courtyard>();
            _eyes = Camera.main.transform;
            foreach (VRBridgeMaterial each in _courtyard.GetComponentsInChildren<VRBridgeMaterial>())
            {
                each.SizePx = 64;
            }
        }

        [TearDown]
        public void Clear()
        {
            foreach (GameObject each in GameObject.All.ToArray())
            {
                Object.DestroyImmediate(each);
            }
            LogAssert.NoUnexpectedReceived();
        }

        [UnityTest]
        public IEnumerator The_scene_fills_by_itself()
        {
            VRBridgeMaterial[] surfaces = _courtyard.GetComponentsInChildren<VRBridgeMaterial>();
            Assert.That(surfaces.Length, Is.EqualTo(7));
            VRBridgeMesh barrel = _courtyard.GetComponentInChildren<VRBridgeMesh>();
            yield return Until(() => barrel.Level(0) != null && surfaces.All(HasMap));
            foreach (VRBridgeMaterial each in surfaces)
            {
                Assert.That(each.GetComponent<MeshRenderer>().sharedMaterial, Is.EqualTo(each.Material), each.name);
            }
        }

        [UnityTest]
        public IEnumerator A_click_on_a_wall_makes_it_of_what_was_written()
        {
            VRBridgeMaterial wall = Thing<VRBridgeMaterial>("North wall");
            yield return Until(() => HasMap(wall));
            var made = new List<string>();
            wall.Completed += facts => made.Add(wall.Prompt);
            _courtyard.Words = "mossy stone wall";
            Click(wall.transform.position);
            yield return Until(() => made.Count > 0);
            Assert.That(made, Is.EqualTo(new[] { "mossy stone wall" }));
            Assert.That(_courtyard.Told, Does.StartWith("North wall: "));
        }

        [UnityTest]
        public IEnumerator A_click_on_the_ground_puts_a_thing_there_that_faces_the_player()
        {
            yield return null;
            _courtyard.Words = "a wooden crate";
            Click(new Vector3(2, 0, 1));
            VRBridgeMesh crate = Thing<VRBridgeMesh>("a wooden crate");
            yield return Until(() => crate.Level(0) != null);
            Vector3 place = crate.transform.position;
            Assert.That((place - new Vector3(2, 0, 1)).magnitude, Is.LessThan(0.1f), $"{place}");
            Vector3 toPlayer = _eyes.position - place;
            toPlayer.y = 0;
            Assert.That(Vector3.Angle(crate.transform.forward, toPlayer), Is.LessThan(1));
        }

        [UnityTest]
        public IEnumerator The_smith_opens_the_gate_when_asked()
        {
            yield return null;
            VRBridgeCharacter smith = Thing<VRBridgeCharacter>("Smith");
            var answers = new List<string>();
            smith.AnswerCompleted += (text, _, __) => answers.Add(text);
            _courtyard.Words = "Please open the gate of the courtyard for me.";
            _courtyard.Ask(_eyes.position, smith.transform.position - _eyes.position);
            yield return Until(() => answers.Count > 0);
            Gate gate = Object.FindAnyObjectByType<Gate>();
            Assert.That(gate.IsOpen, answers[0]);
            yield return Until(() => Quaternion.Angle(gate.transform.localRotation, Quaternion.Euler(0, 100, 0)) < 0.5f);
        }

        private void Click(Vector3 at)
        {
            _courtyard.Ask(_eyes.position, at - _eyes.position);
        }

        private T Thing<T>(string name)
            where T : Component
        {
            return _courtyard.GetComponentsInChildren<T>().Single(each => each.name == name);
        }

        private IEnumerator Until(Func<bool> isSo)
        {
            return Stage.Until(isSo, () => _courtyard.Told);
        }

        private static bool HasMap(VRBridgeMaterial material)
        {
            return !material.IsGenerating && material.Material.GetTexture(_baseMap) != null;
        }
    }
}
