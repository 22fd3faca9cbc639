// Shaders with the properties that their files declare, materials, renderers and levels of detail.
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;

namespace UnityEngine
{
    public sealed class Shader : Object
    {
        // Name and type of each property, as ShaderLab has them.
        internal readonly Dictionary<string, string> Properties = new Dictionary<string, string>();

        internal Shader(string text)
        {
            name = Regex.Match(text, "^\\s*Shader\\s+\"([^\"]+)\"", RegexOptions.Multiline).Groups[1].Value;
            foreach (Match each in Regex.Matches(text, "^\\s*(?:\\[[^\\]]+\\]\\s*)*(\\w+)\\s*\\(\"[^\"]*\",\\s*(\\w+)", RegexOptions.Multiline))
            {
                Properties[each.Groups[1].Value] = each.Groups[2].Value;
            }
        }

        public bool isSupported => true;
        public static int PropertyToID(string name) => Names.Of(name);
        public static Shader Find(string name) => Resources.LoadAll(".shader").Select(path => new Shader(File.ReadAllText(path)))
            .FirstOrDefault(each => each.name == name);

        internal bool Has(string property, params string[] types) =>
            Properties.TryGetValue(property, out string type) && types.Contains(type);
    }

    internal static class Names
    {
        static readonly List<string> _all = new List<string>();

        internal static int Of(string name)
        {
            lock (_all)
            {
                if (!_all.Contains(name))
                {
                    _all.Add(name);
                }

                return _all.IndexOf(name);
            }
        }

        internal static string Of(int id) => _all[id];
    }

    public class Material : Object
    {
        readonly Dictionary<string, object> _values = new Dictionary<string, object>();

        public Material(Shader shader)
        {
            this.shader = shader ?? throw new ArgumentNullException(nameof(shader));
        }

        public Material(Material source) : this(source.shader)
        {
            name = source.name;
            foreach (KeyValuePair<string, object> each in source._values)
            {
                _values[each.Key] = each.Value;
            }
        }

        public Shader shader { get; set; }
        public int renderQueue { get; set; } = 2000;
        public bool enableInstancing { get; set; }
        public bool HasProperty(int nameID) => shader.Properties.ContainsKey(Names.Of(nameID));
        public bool HasProperty(string name) => shader.Properties.ContainsKey(name);
        public void SetTexture(int nameID, Texture value) => Set(nameID, value, "2D");
        public Texture GetTexture(int nameID) => Get<Texture>(nameID, null);
        public void SetFloat(int nameID, float value) => Set(nameID, value, "Float", "Range");
        public float GetFloat(int nameID) => Get(nameID, 0f);
        public void SetColor(int nameID, Color value) => Set(nameID, value, "Color");
        public Color GetColor(int nameID) => Get(nameID, Color.white);
        public void SetVector(int nameID, Vector4 value) => Set(nameID, value, "Vector");
        public Vector4 GetVector(int nameID) => Get(nameID, default(Vector4));
        public void SetTextureScale(int nameID, Vector2 value) => _values[Names.Of(nameID) + "_ST"] = value;
        public void SetTextureOffset(int nameID, Vector2 value) => _values[Names.Of(nameID) + "_Offset"] = value;
        public Vector2 GetTextureOffset(int nameID) => _values.TryGetValue(Names.Of(nameID) + "_Offset", out object value) ? (Vector2)value : Vector2.zero;
        public Vector2 GetTextureScale(int nameID) => _values.TryGetValue(Names.Of(nameID) + "_ST", out object value) ? (Vector2)value : Vector2.one;

        void Set(int nameID, object value, params string[] types)
        {
            string name = Names.Of(nameID);
            if (!shader.Has(name, types))
            {
                Debug.LogError($"The shader {shader.name} has no {types[0]} property {name}.");
            }

            _values[name] = value;
        }

        T Get<T>(int nameID, T otherwise) => _values.TryGetValue(Names.Of(nameID), out object value) ? (T)value : otherwise;
    }

    public sealed class Resources
    {
        public static T Load<T>(string path) where T : Object =>
            typeof(T) == typeof(Shader)
                ? LoadAll(".shader").Where(each => each.Replace('\\', '/').EndsWith($"/Resources/{path}.shader"))
                    .Select(each => (T)(Object)new Shader(File.ReadAllText(each))).FirstOrDefault()
                : null;

        internal static IEnumerable<string> LoadAll(string ending) => Directory.EnumerateFiles(
            Environment.GetEnvironmentVariable("VRBRIDGE_PACKAGE") ?? ".", "*" + ending, SearchOption.AllDirectories);
    }

    public class Renderer : Component
    {
        Material[] _materials = Array.Empty<Material>();

        public bool enabled { get; set; } = true;
        public Rendering.ShadowCastingMode shadowCastingMode { get; set; } = Rendering.ShadowCastingMode.On;
        public bool receiveShadows { get; set; } = true;
        public int sortingOrder { get; set; }

        public Bounds bounds
        {
            get
            {
                Mesh mesh = GetComponent<MeshFilter>()?.sharedMesh;
                return mesh == null
                    ? new Bounds(transform.position, Vector3.zero)
                    : new Bounds(transform.TransformPoint(mesh.bounds.center), Vector3.Scale(mesh.bounds.size, transform.lossyScale));
            }
        }

        public Material sharedMaterial
        {
            get => _materials.FirstOrDefault();
            set => _materials = new[] { value };
        }

        public Material[] sharedMaterials
        {
            get => _materials.ToArray();
            set => _materials = value.ToArray();
        }
    }

    public class MeshRenderer : Renderer
    {
    }

    public sealed class MeshFilter : Component
    {
        public Mesh sharedMesh { get; set; }
    }

    public struct LOD
    {
        public float screenRelativeTransitionHeight;
        public float fadeTransitionWidth;
        public Renderer[] renderers;

        public LOD(float screenRelativeTransitionHeight, Renderer[] renderers)
        {
            this.screenRelativeTransitionHeight = screenRelativeTransitionHeight;
            fadeTransitionWidth = 0;
            this.renderers = renderers;
        }
    }

    public class LODGroup : Component
    {
        LOD[] _levels = Array.Empty<LOD>();

        public Vector3 localReferencePoint { get; set; }
        public float size { get; set; } = 1;
        public int lodCount => _levels.Length;
        public bool enabled { get; set; } = true;
        public LOD[] GetLODs() => _levels.ToArray();

        public void SetLODs(LOD[] lods)
        {
            for (int n = 1; n < lods.Length; n++)
            {
                if (lods[n].screenRelativeTransitionHeight >= lods[n - 1].screenRelativeTransitionHeight)
                {
                    Debug.LogError("SetLODs: Attempting to set LOD where the screen relative size is greater then or equal to a higher detail LOD level.");
                    return;
                }
            }

            _levels = lods.ToArray();
        }

        public void RecalculateBounds()
        {
        }
    }

    public class Camera : Behaviour
    {
        public static Camera main => GameObject.All.Where(each => each.tag == "MainCamera").Select(each => each.GetComponent<Camera>()).FirstOrDefault();
        public Ray ScreenPointToRay(Vector3 pos) => new Ray(transform.position, transform.forward);
        public float nearClipPlane { get; set; } = 0.3f;
    }

    public enum LightType
    {
        Spot = 0,
        Directional = 1,
        Point = 2,
    }

    public enum LightShadows
    {
        None = 0,
        Hard = 1,
        Soft = 2,
    }

    public sealed class Light : Behaviour
    {
        public LightType type { get; set; }
        public Color color { get; set; }
        public float intensity { get; set; } = 1;
        public LightShadows shadows { get; set; }
    }
}

namespace UnityEngine.Rendering
{
    public enum ShadowCastingMode
    {
        Off = 0,
        On = 1,
    }

    public enum CompareFunction
    {
        LessEqual = 4,
        Always = 8,
    }

    public enum RenderQueue
    {
        Transparent = 3000,
        Overlay = 4000,
    }

    public class RenderPipelineAsset : ScriptableObject
    {
    }

    public sealed class GraphicsSettings : Object
    {
        public static RenderPipelineAsset currentRenderPipeline { get; internal set; }
    }
}
