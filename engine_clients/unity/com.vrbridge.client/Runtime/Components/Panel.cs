using Unity.Collections;
using UnityEngine;
using UnityEngine.Rendering;

namespace VRBridge
{
    /// <summary>A flat panel with round corners that stays crisp at any size.</summary>
    internal sealed class Panel
    {
        /// <summary>Where <c>Resources</c> holds its shader.</summary>
        internal const string ShaderPath = "VRBridge/Panel";

        private const int _alwaysPasses = (int)CompareFunction.Always;
        private const int _lessOrEqualPasses = (int)CompareFunction.LessEqual;

        // Below TextMeshPro's overlay queue, so that the text is drawn over it.
        private const int _queue = (int)RenderQueue.Overlay - 1;

        private static readonly int _color = Shader.PropertyToID("_Color");
        private static readonly int _size = Shader.PropertyToID("_Size");
        private static readonly int _radius = Shader.PropertyToID("_Radius");
        private static readonly int _zTest = Shader.PropertyToID("_ZTest");

        private readonly Material _material;
        private readonly Mesh _quad;
        private readonly Transform _transform;

        /// <param name="parent">What it hangs on.</param>
        /// <param name="radiusM">Of its corners.</param>
        internal Panel(Transform parent, float radiusM)
        {
            var made = new GameObject("Panel");
            made.transform.SetParent(parent, false);
            _transform = made.transform;
            _quad = Quad();
            _material = NewMaterial("panel", Color.black, isInFront: true);
            _material.SetFloat(_radius, radiusM);
            made.AddComponent<MeshFilter>().sharedMesh = _quad;
            MeshRenderer renderer = made.AddComponent<MeshRenderer>();
            renderer.sharedMaterial = _material;
            renderer.shadowCastingMode = ShadowCastingMode.Off;
            renderer.receiveShadows = false;
        }

        /// <summary>Its colour; alpha is how much it covers.</summary>
        internal Color Color
        {
            set => _material.SetColor(_color, value);
        }

        /// <summary>Its size; it stands on its parent's origin and grows upwards.</summary>
        internal Vector2 SizeM
        {
            set
            {
                _transform.localScale = new Vector3(value.x, value.y, 1);
                _transform.localPosition = new Vector3(0, value.y / 2, 0);
                _material.SetVector(_size, new Vector4(value.x, value.y, 0, 0));
            }
        }

        /// <summary>Returns a material of one colour that nothing lights; in front, it is drawn over everything.</summary>
        internal static Material NewMaterial(string name, Color color, bool isInFront)
        {
            var made = new Material(Resources.Load<Shader>(ShaderPath)) { name = name, hideFlags = HideFlags.DontSave };
            made.SetColor(_color, color);
            made.SetFloat(_zTest, isInFront ? _alwaysPasses : _lessOrEqualPasses);
            made.renderQueue = isInFront ? _queue : (int)RenderQueue.Transparent;
            return made;
        }

        /// <summary>Frees its material and its mesh; its object goes with its parent.</summary>
        internal void Free()
        {
            Object.Destroy(_material);
            Object.Destroy(_quad);
        }

        // A square of one metre that faces −Z, as text does.
        private static Mesh Quad()
        {
            Mesh.MeshDataArray target = Mesh.AllocateWritableMeshData(1);
            Mesh.MeshData data = target[0];
            data.SetVertexBufferParams(4, ShapeVertex.Layout());
            data.SetIndexBufferParams(6, IndexFormat.UInt16);
            NativeArray<ShapeVertex> vertices = data.GetVertexData<ShapeVertex>();
            NativeArray<ushort> indices = data.GetIndexData<ushort>();
            for (int corner = 0; corner < 4; corner++)
            {
                var uv = new Vector2(corner & 1, corner >> 1);
                vertices[corner] = new ShapeVertex
                {
                    Position = new Vector3(uv.x - 0.5f, uv.y - 0.5f, 0),
                    Normal = Vector3.back,
                    Tangent = new Vector4(1, 0, 0, -1),
                    Color = new Color32(255, 255, 255, 255),
                    Uv = uv,
                };
            }
            ushort[] order = { 0, 2, 1, 2, 3, 1 };
            for (int place = 0; place < order.Length; place++)
            {
                indices[place] = order[place];
            }
            data.subMeshCount = 1;
            data.SetSubMesh(0, new SubMeshDescriptor(0, order.Length));
            var quad = new Mesh { name = "panel", hideFlags = HideFlags.DontSave };
            Mesh.ApplyAndDisposeWritableMeshData(target, quad, MeshUpdateFlags.Default);
            quad.bounds = new Bounds(Vector3.zero, new Vector3(1, 1, 0));
            return quad;
        }
    }
}
