using System;
using System.Text;
using UnityEditor;
using UnityEngine;
using VRBridge.Core;

namespace VRBridge.Editor
{
    /// <summary>
    /// Tests the connection to a server, and has it make materials and props that are saved in the project.
    /// </summary>
    public sealed class VRBridgeWindow : EditorWindow
    {
        private const string _urlPreference = "vrbridge.url";

        private static readonly int[] _sizes = { 256, 512, 1024, 2048 };
        private static readonly string[] _sizeNames = { "256", "512", "1024", "2048" };
        private static readonly int[] _mapSizes = { 0, 256, 512, 1024 };
        private static readonly string[] _mapSizeNames = { "Colours of vertices", "256", "512", "1024" };

        private EditorConnection _connection;
        private Generation _generation;
        private string _url = "";
        private string _token = "";
        private string _materialPrompt = "red brick wall";
        private string _propPrompt = "a wooden barrel";
        private int _sizePx = 512;
        private int _texturePx;
        private int _maxFaces = 1500;
        private int _seed = -1;

        /// <summary>Whether something is being made.</summary>
        internal bool IsBusy => _generation != null && !_generation.IsEnded;

        /// <summary>How the last thing ended, in words.</summary>
        internal string Outcome => _generation?.Outcome ?? "";

        /// <summary>Shows the window.</summary>
        [MenuItem("Window/vrbridge")]
        public static void Open()
        {
            GetWindow<VRBridgeWindow>("vrbridge").Show();
        }

        /// <summary>Connects; empty arguments take the project's settings.</summary>
        internal void Connect(string url, string token)
        {
            _connection ??= new EditorConnection();
            _connection.Open(url, token);
        }

        /// <summary>Has a material made and saved.</summary>
        internal void GenerateMaterial(string prompt, int sizePx)
        {
            var parameters = new BridgeMap { { "prompt", prompt }, { "size_px", sizePx } };
            Begin("texture", parameters, made => MaterialAsset.Save(prompt, made.Files));
        }

        /// <summary>Has a prop made and saved.</summary>
        internal void GenerateProp(string prompt, int maxFaces, int texturePx)
        {
            var parameters = new BridgeMap { { "prompt", prompt }, { "max_faces", maxFaces } };
            if (texturePx > 0)
            {
                parameters["texture_px"] = texturePx;
            }
            Begin("mesh", parameters, made => MeshAsset.Save(prompt, made.Files));
        }

        /// <summary>Returns what is known of the server, in words.</summary>
        internal string Described()
        {
            if (_connection == null || !_connection.IsOpen && _connection.Error == null)
            {
                return "Not connected.";
            }
            if (!_connection.IsConnected)
            {
                return _connection.Error?.Message ?? "Connecting …";
            }
            var text = new StringBuilder();
            text.Append(_connection.Server.Text("name")).Append(' ').Append(_connection.Server.Text("version"));
            if (_connection.RoundTripS >= 0)
            {
                text.Append($", {_connection.RoundTripS * 1000:0.0} ms");
            }
            for (int index = 0; index < _connection.Capabilities.Count; index++)
            {
                string kind = _connection.Capabilities.KeyAt(index);
                text.Append($"\n{kind}: {_connection.Capabilities.MapOf(kind).Text("model")}");
            }
            return text.ToString();
        }

        private void OnEnable()
        {
            _url = EditorPrefs.GetString(_urlPreference, "");
        }

        private void OnDisable()
        {
            _connection?.Dispose();
            _connection = null;
        }

        // Ten times a second.
        private void OnInspectorUpdate()
        {
            Repaint();
        }

        private void OnGUI()
        {
            ShowServer();
            EditorGUILayout.Space();
            using (new EditorGUI.DisabledScope(_connection == null || !_connection.IsConnected || IsBusy))
            {
                _seed = EditorGUILayout.IntField(
                    new GUIContent("Seed", "The same number makes the same thing; -1 leaves it to the server."), _seed);
                ShowMaterial();
                EditorGUILayout.Space();
                ShowProp();
            }
            ShowProgress();
        }

        private void ShowServer()
        {
            EditorGUILayout.LabelField("Server", EditorStyles.boldLabel);
            _url = EditorGUILayout.TextField(
                new GUIContent("Address", "Empty takes the project's settings, else this machine."), _url);
            // It is not kept: what is saved with a project is in every copy of it.
            _token = EditorGUILayout.PasswordField(
                new GUIContent("Token", "Empty takes VRBRIDGE_TOKEN of the environment, else the settings."), _token);
            if (GUILayout.Button("Test connection"))
            {
                EditorPrefs.SetString(_urlPreference, _url);
                Connect(_url, _token);
            }
            bool isWrong = _connection != null && !_connection.IsConnected && _connection.Error != null;
            EditorGUILayout.HelpBox(Described(), isWrong ? MessageType.Error : MessageType.Info);
        }

        private void ShowMaterial()
        {
            EditorGUILayout.LabelField("Material", EditorStyles.boldLabel);
            _materialPrompt = EditorGUILayout.TextField("Prompt", _materialPrompt);
            _sizePx = EditorGUILayout.IntPopup("Pixels", _sizePx, _sizeNames, _sizes);
            if (GUILayout.Button("Generate material"))
            {
                GenerateMaterial(_materialPrompt, _sizePx);
            }
        }

        private void ShowProp()
        {
            EditorGUILayout.LabelField("Prop", EditorStyles.boldLabel);
            _propPrompt = EditorGUILayout.TextField("Prompt", _propPrompt);
            _maxFaces = EditorGUILayout.IntField("Most faces", _maxFaces);
            _texturePx = EditorGUILayout.IntPopup("Maps", _texturePx, _mapSizeNames, _mapSizes);
            if (GUILayout.Button("Generate prop"))
            {
                GenerateProp(_propPrompt, _maxFaces, _texturePx);
            }
        }

        private void ShowProgress()
        {
            if (_generation == null)
            {
                return;
            }
            EditorGUILayout.HelpBox(
                _generation.IsEnded ? _generation.Outcome : $"{_generation.Stage} {_generation.Fraction:P0}",
                _generation.IsEnded && _generation.Path == null ? MessageType.Error : MessageType.Info);
            if (_generation.Path != null && GUILayout.Button("Show in project"))
            {
                EditorGUIUtility.PingObject(AssetDatabase.LoadAssetAtPath<UnityEngine.Object>(_generation.Path));
            }
        }

        private void Begin(string kind, BridgeMap parameters, Func<Generation, string> save)
        {
            if (_seed >= 0)
            {
                parameters["seed"] = _seed;
            }
            Connect();
            _generation = new Generation(_connection.Request(kind, parameters), save);
        }

        private void Connect()
        {
            if (_connection == null || !_connection.IsOpen)
            {
                Connect(_url, _token);
            }
        }
    }
}
