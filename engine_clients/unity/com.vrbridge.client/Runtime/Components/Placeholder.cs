using UnityEngine;

namespace VRBridge
{
    /// <summary>A faint box where a thing will stand.</summary>
    internal sealed class Placeholder
    {
        private const float _usualSizeM = 0.6f;

        private static readonly Color _color = new Color(0.6f, 0.8f, 1, 0.18f);

        private readonly GameObject _box;
        private readonly Material _material;

        /// <param name="parent">What will stand there.</param>
        /// <param name="sizeM">Its longest side; 0 if that is not known.</param>
        internal Placeholder(Transform parent, float sizeM)
        {
            float side = sizeM > 0 ? sizeM : _usualSizeM;
            _box = GameObject.CreatePrimitive(PrimitiveType.Cube);
            _box.name = "Placeholder";
            // Nobody bumps into what is not there yet.
            Object.Destroy(_box.GetComponent<Collider>());
            _box.transform.SetParent(parent, false);
            _box.transform.localPosition = new Vector3(0, side / 2, 0);
            _box.transform.localScale = Vector3.one * side;
            _material = Panel.NewMaterial("placeholder", _color, isInFront: false);
            MeshRenderer renderer = _box.GetComponent<MeshRenderer>();
            renderer.sharedMaterial = _material;
            renderer.shadowCastingMode = UnityEngine.Rendering.ShadowCastingMode.Off;
        }

        /// <summary>Takes it away.</summary>
        internal void Free()
        {
            Object.Destroy(_box);
            Object.Destroy(_material);
        }
    }
}
