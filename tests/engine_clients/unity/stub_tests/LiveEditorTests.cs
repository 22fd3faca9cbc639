using System;
using System.Collections;
using System.IO;
using System.Linq;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityEngine.TestTools;
using VRBridge.Editor;
using Object = UnityEngine.Object;

namespace VRBridge.Tests
{
    /// <summary>The editor's window with a project in a folder of its own.</summary>
    public sealed class LiveEditorTests
    {
        private static readonly int _baseMap = Shader.PropertyToID("_BaseMap");
        private static readonly int _normalMap = Shader.PropertyToID("_BumpMap");
        private static readonly int _tilesPerMetre = Shader.PropertyToID("_TilesPerMetre");

        private VRBridgeWindow _window;
        private string _before;
        private string _project;

        [SetUp]
        public void Prepare()
        {
            _before = Directory.GetCurrentDirectory();
            _project = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
            Directory.CreateDirectory(Path.Combine(_project, "Assets"));
            Directory.SetCurrentDirectory(_project);
            _window = ScriptableObject.CreateInstance<VRBridgeWindow>();
            Tell("OnEnable");
        }

        [TearDown]
        public void Clear()
        {
            Tell("OnDisable");
            Directory.SetCurrentDirectory(_before);
            Directory.Delete(_project, true);
            AssetDatabase.Assets.Clear();
            PrefabUtility.Checked = _ => { };
            LogAssert.NoUnexpectedReceived();
        }

        [UnityTest]
        public IEnumerator The_window_tells_of_the_server()
        {
            Assert.That(Said(), Does.Contain("Not connected."));
            yield return Connect();
            yield return Until(() => _window.Described().Contains(" ms"));
            string told = _window.Described();
            Assert.That(told, Does.StartWith("vrbridge "));
            Assert.That(told, Does.Contain("\ntexture: ").And.Contain("\nmesh: "));
            Assert.That(Said(), Does.Contain(told));
        }

        [UnityTest]
        public IEnumerator A_wrong_token_is_told_in_plain_words()
        {
            _window.Connect(Environment.GetEnvironmentVariable("VRBRIDGE_TEST_URL"), "wrong");
            yield return Until(() => _window.Described().Contains("token"));
            Assert.That(_window.Described(), Does.Not.Contain("wrong"), "what is secret is not repeated");
        }

        [UnityTest]
        public IEnumerator A_material_is_saved_in_the_project()
        {
            yield return Connect();
            _window.GenerateMaterial("Red brick wall!", 64);
            yield return Until(() => !_window.IsBusy);
            Assert.That(_window.Outcome, Does.StartWith("Assets/vrbridge/red-brick-wall/red-brick-wall.mat: "));
            const string folder = "Assets/vrbridge/red-brick-wall/red-brick-wall";
            var material = AssetDatabase.LoadAssetAtPath<Material>($"{folder}.mat");
            Texture map = material.GetTexture(_baseMap);
            Assert.That(map, Is.EqualTo(AssetDatabase.LoadAssetAtPath<Texture2D>($"{folder}-base-color.png")));
            Assert.That(map.width, Is.EqualTo(64));
            Assert.That(material.GetTexture(_normalMap), Is.Not.Null);
            Assert.That(material.GetVector(_tilesPerMetre).y, Is.GreaterThan(0), "an imported picture is upright");
            Assert.That(Importer($"{folder}-base-color.png").sRGBTexture);
            Assert.That(Importer($"{folder}-normal.png").textureType, Is.EqualTo(TextureImporterType.NormalMap));
            Assert.That(Importer($"{folder}-orm.png").sRGBTexture, Is.False);
        }

        [UnityTest]
        public IEnumerator What_is_made_twice_is_saved_twice()
        {
            yield return Connect();
            for (int turn = 0; turn < 2; turn++)
            {
                _window.GenerateMaterial("sand", 64);
                yield return Until(() => !_window.IsBusy);
            }
            Assert.That(_window.Outcome, Does.StartWith("Assets/vrbridge/sand 1/sand.mat: "));
            Assert.That(AssetDatabase.Assets.Keys.Count(path => path.EndsWith(".mat")), Is.EqualTo(2));
        }

        [UnityTest]
        public IEnumerator A_prop_is_saved_as_a_prefab()
        {
            yield return Connect();
            int nLevels = 0;
            bool hasCollider = false;
            bool wearsMaps = false;
            PrefabUtility.Checked = root =>
            {
                nLevels = root.GetComponent<LODGroup>().lodCount;
                hasCollider = root.GetComponent<MeshCollider>().sharedMesh != null;
                wearsMaps = root.GetComponentsInChildren<MeshRenderer>()
                    .All(each => each.sharedMaterial.GetTexture(_baseMap) != null);
            };
            _window.GenerateProp("a wooden crate", 500, 64);
            yield return Until(() => !_window.IsBusy);
            Assert.That(_window.Outcome, Does.StartWith("Assets/vrbridge/a-wooden-crate/a-wooden-crate.prefab: "));
            Assert.That(nLevels, Is.EqualTo(3));
            Assert.That(hasCollider);
            Assert.That(wearsMaps);
            Assert.That(Object.FindAnyObjectByType<LODGroup>(), Is.Null, "nothing is left in the scene");
        }

        [UnityTest]
        public IEnumerator What_can_not_be_made_is_told_in_plain_words()
        {
            yield return Connect();
            _window.GenerateMaterial("sand", 100);
            yield return Until(() => !_window.IsBusy);
            Assert.That(_window.Outcome, Does.Contain("params.size_px"));
            Assert.That(Said(), Does.Contain(_window.Outcome));
            Assert.That(AssetDatabase.Assets, Is.Empty);
        }

        [TestCase("A Wooden  Barrel!", "a-wooden-barrel")]
        [TestCase("../../etc", "etc")]
        [TestCase("???", "thing")]
        [TestCase("Käse & Brot", "käse-brot")]
        [TestCase("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")]
        public void Prompts_become_names_of_files(string prompt, string name)
        {
            Assert.That(ProjectFolder.NameOf(prompt), Is.EqualTo(name));
        }

        private IEnumerator Connect()
        {
            _window.Connect(
                Environment.GetEnvironmentVariable("VRBRIDGE_TEST_URL"),
                Environment.GetEnvironmentVariable("VRBRIDGE_TEST_TOKEN"));
            yield return Until(() => _window.Described().StartsWith("vrbridge"));
        }

        private IEnumerator Until(Func<bool> isSo)
        {
            return Stage.Until(
                () =>
                {
                    EditorApplication.update?.Invoke();
                    return isSo();
                },
                () => $"{_window.Described()} {_window.Outcome}");
        }

        private string[] Said()
        {
            EditorGUILayout.Said.Clear();
            Tell("OnGUI");
            return EditorGUILayout.Said.ToArray();
        }

        private void Tell(string message)
        {
            const System.Reflection.BindingFlags own =
                System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic;
            typeof(VRBridgeWindow).GetMethod(message, own).Invoke(_window, null);
        }

        private static TextureImporter Importer(string path)
        {
            return AssetImporter.Importers[path];
        }
    }
}
