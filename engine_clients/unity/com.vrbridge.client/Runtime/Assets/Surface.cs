using System.Collections.Generic;
using UnityEngine;

namespace VRBridge
{
    /// <summary>
    /// How maps lie on a material, and who frees them. One shader draws every state of a surface, from neutral values to
    /// the full set, so nothing has to be compiled in the frame in which maps arrive, and builds need no variants.
    /// </summary>
    internal sealed class Surface
    {
        /// <summary>Where <c>Resources</c> holds the shader of materials and props.</summary>
        internal const string ShaderPath = "VRBridge/Lit";

        private const float _neutralRoughness = 0.9f;

        private static readonly int _baseMap = Shader.PropertyToID("_BaseMap");
        private static readonly int _mainTex = Shader.PropertyToID("_MainTex");
        private static readonly int _baseColor = Shader.PropertyToID("_BaseColor");
        private static readonly int _normalMap = Shader.PropertyToID("_BumpMap");
        private static readonly int _ormMap = Shader.PropertyToID("_OrmMap");
        private static readonly int _metallic = Shader.PropertyToID("_Metallic");
        private static readonly int _roughness = Shader.PropertyToID("_Roughness");
        private static readonly int _vertexColor = Shader.PropertyToID("_VertexColor");
        private static readonly int _isTriplanar = Shader.PropertyToID("_IsTriplanar");
        private static readonly int _tilesPerMetre = Shader.PropertyToID("_TilesPerMetre");

        private readonly Dictionary<string, Texture> _owned = new Dictionary<string, Texture>();
        private Texture _standIn;
        private bool _isTopDown = true;

        /// <param name="material">What maps are put on; whoever made it destroys it.</param>
        internal Surface(Material material)
        {
            Material = material;
        }

        /// <summary>What maps are put on.</summary>
        internal Material Material { get; }

        /// <summary>Whether it has a full set of maps.</summary>
        internal bool IsMapped => _owned.ContainsKey("base_color");

        /// <summary>Returns a new material without maps, or a copy of <paramref name="template"/>.</summary>
        internal static Material NewMaterial(string name, Material template = null)
        {
            Material made;
            if (template != null)
            {
                made = new Material(template);
            }
            else
            {
                made = new Material(Resources.Load<Shader>(ShaderPath));
                made.SetColor(_baseColor, Color.white);
                made.SetFloat(_metallic, 0);
                made.SetFloat(_roughness, _neutralRoughness);
                made.enableInstancing = true;
            }
            made.name = name;
            made.hideFlags = HideFlags.DontSave;
            return made;
        }

        /// <summary>Gives a material the factors of a mesh's surface, whose vertices have the colours.</summary>
        internal void SetFactors(Color linearColor, float metallic, float roughness)
        {
            // Unity takes colours of materials as sRGB and makes them linear itself.
            Material.SetColor(_baseColor, linearColor.gamma);
            Material.SetFloat(_metallic, metallic);
            Material.SetFloat(_roughness, roughness);
            Material.SetFloat(_vertexColor, 1);
        }

        /// <summary>
        /// Puts a map on the material in place of an older one, which is freed. The first row of a top-down one is at
        /// v = 0, as that of blocks is.
        /// </summary>
        internal void Put(string role, Texture texture, bool isTopDown = true)
        {
            if (role == "base_color")
            {
                Free(ref _standIn);
                _isTopDown = isTopDown;
            }
            if (_owned.TryGetValue(role, out Texture before))
            {
                Object.Destroy(before);
            }
            _owned[role] = texture;
            Show(role, texture);
        }

        /// <summary>
        /// Shows a coarser picture, whose first row is at v = 0 if it is top-down, in place of the base colour that is on
        /// its way.
        /// </summary>
        internal void PutStandIn(Texture texture, bool isTopDown)
        {
            Free(ref _standIn);
            _standIn = texture;
            _isTopDown = isTopDown;
            Show("base_color", texture);
        }

        /// <summary>Shows again what showed before a stand-in, if there is one.</summary>
        internal void DropStandIn()
        {
            if (_standIn == null)
            {
                return;
            }
            Free(ref _standIn);
            _isTopDown = true;
            _owned.TryGetValue("base_color", out Texture before);
            Show("base_color", before);
        }

        /// <summary>Puts maps on in the place of vertex colours and factors, which stood in for them.</summary>
        internal void DropFactors()
        {
            Material.SetColor(_baseColor, Color.white);
            SetFactor(_vertexColor, 0);
        }

        /// <summary>Takes over the maps of another surface.</summary>
        internal void TakeFrom(Surface other)
        {
            foreach (KeyValuePair<string, Texture> each in other._owned)
            {
                Put(each.Key, each.Value);
            }
            other._owned.Clear();
        }

        /// <summary>
        /// Lays maps on by texture coordinates. What travels as blocks has its first row at v = 0, where Unity has the
        /// bottom, and can't be turned over without decoding it: so v is.
        /// </summary>
        /// <param name="tiles">How many tiles one unit of the coordinates covers.</param>
        internal void LayByUv(Vector2 tiles)
        {
            int map = Material.HasProperty(_baseMap) ? _baseMap : _mainTex;
            SetFactor(_isTriplanar, 0);
            Material.SetTextureScale(map, new Vector2(tiles.x, _isTopDown ? -tiles.y : tiles.y));
            Material.SetTextureOffset(map, new Vector2(0, _isTopDown ? tiles.y : 0));
        }

        /// <summary>Lays maps on by position instead, so that any mesh can take them.</summary>
        /// <param name="tilesPerMetre">How many tiles a metre of the surface has.</param>
        internal void LayByPosition(float tilesPerMetre)
        {
            SetFactor(_isTriplanar, 1);
            if (Material.HasProperty(_tilesPerMetre))
            {
                float down = _isTopDown ? -tilesPerMetre : tilesPerMetre;
                Material.SetVector(_tilesPerMetre, new Vector4(tilesPerMetre, down, 0, 0));
            }
        }

        /// <summary>Frees all maps.</summary>
        internal void Free()
        {
            Free(ref _standIn);
            foreach (Texture each in _owned.Values)
            {
                Object.Destroy(each);
            }
            _owned.Clear();
        }

        private static void Free(ref Texture texture)
        {
            if (texture != null)
            {
                Object.Destroy(texture);
            }
            texture = null;
        }

        private void Show(string role, Texture texture)
        {
            switch (role)
            {
                case "base_color":
                    Set(Material.HasProperty(_baseMap) ? _baseMap : _mainTex, texture);
                    break;
                case "normal":
                    Set(_normalMap, texture);
                    break;
                case "orm":
                    Set(_ormMap, texture);
                    SetFactor(_metallic, 1);
                    SetFactor(_roughness, 1);
                    break;
            }
        }

        // A template of the project's own may have a shader that lacks some.
        private void Set(int property, Texture texture)
        {
            if (Material.HasProperty(property))
            {
                Material.SetTexture(property, texture);
            }
        }

        private void SetFactor(int property, float value)
        {
            if (Material.HasProperty(property))
            {
                Material.SetFloat(property, value);
            }
        }
    }
}
