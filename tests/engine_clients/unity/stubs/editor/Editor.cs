// The editor: windows, and a project that is a folder below the working one, with its objects in memory.
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using UnityEngine;
using Object = UnityEngine.Object;

#if SEEN_BY_TESTS
[assembly: System.Runtime.CompilerServices.InternalsVisibleTo("VRBridge.Tests")]
#endif

namespace UnityEditor
{
    public class EditorApplication
    {
        public delegate void CallbackFunction();

        public static CallbackFunction update;

        public static bool ExecuteMenuItem(string menuItemPath) => false;
    }

    public class EditorWindow : ScriptableObject
    {
        public static T GetWindow<T>(string title) where T : EditorWindow => CreateInstance<T>();

        public void Show()
        {
        }

        public void Repaint()
        {
        }
    }

    [AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
    public sealed class MenuItem : Attribute
    {
        public string menuItem;

        public MenuItem(string itemName)
        {
            menuItem = itemName;
        }
    }

    public enum MessageType
    {
        None = 0,
        Info = 1,
        Warning = 2,
        Error = 3,
    }

    public sealed class EditorStyles
    {
        public static GUIStyle boldLabel { get; } = new GUIStyle();
    }

    public sealed class EditorGUI
    {
        public struct DisabledScope : IDisposable
        {
            public DisabledScope(bool disabled)
            {
            }

            public void Dispose()
            {
            }
        }
    }

    public sealed class EditorGUILayout
    {
        internal static readonly List<string> Said = new List<string>();

        public static void LabelField(string label, GUIStyle style, params GUILayoutOption[] options) => Said.Add(label);
        public static string TextField(string label, string text, params GUILayoutOption[] options) => text;
        public static string TextField(GUIContent label, string text, params GUILayoutOption[] options) => text;
        public static string PasswordField(GUIContent label, string password, params GUILayoutOption[] options) => password;
        public static int IntField(string label, int value, params GUILayoutOption[] options) => value;
        public static int IntField(GUIContent label, int value, params GUILayoutOption[] options) => value;

        public static int IntPopup(
            string label, int selectedValue, string[] displayedOptions, int[] optionValues, params GUILayoutOption[] options) =>
            optionValues.Contains(selectedValue) && displayedOptions.Length == optionValues.Length
                ? selectedValue
                : throw new ArgumentException(label);

        public static void HelpBox(string message, MessageType type) => Said.Add(message);

        public static void Space()
        {
        }
    }

    public sealed class EditorGUIUtility
    {
        public static void PingObject(Object obj)
        {
        }
    }

    public sealed class EditorPrefs
    {
        public static string GetString(string key, string defaultValue) => PlayerPrefs.GetString(key, defaultValue);
        public static void SetString(string key, string value) => PlayerPrefs.SetString(key, value);
    }

    public sealed class EditorUtility
    {
        public static void SetDirty(Object target)
        {
        }
    }

    public sealed class AssetDatabase
    {
        internal static readonly Dictionary<string, Object> Assets = new Dictionary<string, Object>();
        static readonly Dictionary<string, string> _folders = new Dictionary<string, string>();

        public static bool IsValidFolder(string path) => Directory.Exists(path);

        public static string CreateFolder(string parentFolder, string newFolderName)
        {
            string path = $"{parentFolder}/{newFolderName}";
            for (int number = 1; Directory.Exists(path); number++)
            {
                path = $"{parentFolder}/{newFolderName} {number}";
            }

            Directory.CreateDirectory(path);
            string guid = Guid.NewGuid().ToString("N");
            _folders[guid] = path;
            return guid;
        }

        public static string GUIDToAssetPath(string guid) => _folders[guid];

        public static void ImportAsset(string path)
        {
            byte[] head = File.ReadAllBytes(path);
            if (head[1] != 'P' || head[2] != 'N')
            {
                throw new InvalidDataException(path);
            }

            int Side(int at) => (head[at] << 24) | (head[at + 1] << 16) | (head[at + 2] << 8) | head[at + 3];
            Assets[path] = new Texture2D(
                Side(16), Side(20), UnityEngine.Experimental.Rendering.GraphicsFormat.R8G8B8A8_SRGB, default) { name = path };
        }

        public static void CreateAsset(Object asset, string path)
        {
            if (Assets.ContainsKey(path) || !Directory.Exists(Path.GetDirectoryName(path)))
            {
                throw new UnityException($"Couldn't create asset file {path}.");
            }

            if ((asset.hideFlags & HideFlags.DontSave) != 0)
            {
                throw new UnityException($"{path} is not to be saved.");
            }

            Assets[path] = asset;
        }

        public static T LoadAssetAtPath<T>(string assetPath) where T : Object =>
            Assets.TryGetValue(assetPath, out Object found) ? found as T : null;
    }

    public class AssetImporter : Object
    {
        internal static readonly Dictionary<string, TextureImporter> Importers = new Dictionary<string, TextureImporter>();

        public static AssetImporter GetAtPath(string path) =>
            AssetDatabase.Assets.ContainsKey(path) ? Importers[path] = new TextureImporter() : null;

        public void SaveAndReimport()
        {
        }
    }

    public enum TextureImporterType
    {
        Default = 0,
        NormalMap = 1,
    }

    public sealed class TextureImporter : AssetImporter
    {
        public TextureImporterType textureType { get; set; }
        public bool sRGBTexture { get; set; } = true;
        public TextureWrapMode wrapMode { get; set; }
    }

    public sealed class PrefabUtility
    {
        internal static Action<GameObject> Checked = _ => { };

        public static GameObject SaveAsPrefabAsset(GameObject instanceRoot, string assetPath)
        {
            foreach (MeshFilter each in instanceRoot.GetComponentsInChildren<MeshFilter>())
            {
                // A prefab refers to assets; it holds none.
                if (!AssetDatabase.Assets.ContainsValue(each.sharedMesh))
                {
                    throw new UnityException($"The mesh of {each.name} was not saved.");
                }
            }

            Checked(instanceRoot);
            AssetDatabase.Assets[assetPath] = instanceRoot;
            return instanceRoot;
        }
    }
}

namespace UnityEditor.SceneManagement
{
    public enum NewSceneSetup
    {
        EmptyScene = 0,
    }

    public enum NewSceneMode
    {
        Single = 0,
    }

    public sealed class EditorSceneManager : UnityEngine.SceneManagement.SceneManager
    {
        public static UnityEngine.SceneManagement.Scene NewScene(NewSceneSetup setup, NewSceneMode mode)
        {
            foreach (GameObject each in GameObject.All.ToArray())
            {
                Object.DestroyImmediate(each);
            }

            return default;
        }
    }
}
