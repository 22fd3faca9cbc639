using UnityEngine;
#if VRBRIDGE_TMP
using TMPro;
using UnityEngine.Rendering;
#endif

namespace VRBridge
{
    /// <summary>A text of a panel, set with TextMeshPro. Without TextMeshPro in the project there is none.</summary>
    internal sealed class OverlayText
    {
#if VRBRIDGE_TMP
        // Ten units of a font's size are a metre.
        private const float _fontUnits = 10;

        // What TextMeshPro's shaders call their depth test.
        private static readonly int _zTest = Shader.PropertyToID("unity_GUIZTestMode");

        private readonly TextMeshPro _text;
        private Material _material;

        /// <param name="parent">The panel; it has to be active, since texts come to life first.</param>
        /// <param name="name">Of its object.</param>
        /// <param name="heightM">Of a row, in the panel's metres.</param>
        internal OverlayText(Transform parent, string name, float heightM)
        {
            var made = new GameObject(name);
            made.transform.SetParent(parent, false);
            _text = made.AddComponent<TextMeshPro>();
            _text.fontSize = heightM * _fontUnits;
            _text.alignment = TextAlignmentOptions.TopLeft;
            _text.overflowMode = TextOverflowModes.Overflow;
            // Players and models write what they like; it is shown as it is.
            _text.richText = false;
            _text.parseCtrlCharacters = false;
            _text.rectTransform.pivot = new Vector2(0, 1);
#if UNITY_2023_2_OR_NEWER
            _text.textWrappingMode = TextWrappingModes.Normal;
#else
            _text.enableWordWrapping = true;
#endif
            DrawOnTop();
        }

        /// <summary>Font of the text; null takes the project's.</summary>
        internal TMP_FontAsset Font
        {
            set
            {
                if (value != null)
                {
                    _text.font = value;
                    DrawOnTop();
                }
            }
        }

        /// <summary>Colour of the text.</summary>
        internal Color Color
        {
            set => _text.color = value;
        }

        /// <summary>How many of its characters can be seen.</summary>
        internal int NVisible
        {
            set => _text.maxVisibleCharacters = value;
        }

        /// <summary>Returns how large a text is when its rows are no longer than <paramref name="wideM"/>.</summary>
        internal Vector2 SizeOf(string text, float wideM)
        {
            return _text.GetPreferredValues(text, wideM, float.PositiveInfinity);
        }

        /// <summary>Sets a text with its upper left corner at a place.</summary>
        internal void Set(string text, Vector3 place, Vector2 size)
        {
            _text.text = text;
            _text.rectTransform.localPosition = place;
            _text.rectTransform.sizeDelta = size;
        }

        /// <summary>Frees its material; its object goes with its parent.</summary>
        internal void Free()
        {
            Object.Destroy(_material);
        }

        // On a material of its own: the text's own switch for it changes the font of the whole project.
        private void DrawOnTop()
        {
            if (_material != null)
            {
                Object.Destroy(_material);
            }
            _material = _text.fontMaterial;
            _material.SetFloat(_zTest, (int)CompareFunction.Always);
            _material.renderQueue = (int)RenderQueue.Overlay;
        }
#else
        private static bool _isTold;

        internal OverlayText(Transform parent, string name, float heightM)
        {
            if (!_isTold)
            {
                _isTold = true;
                Debug.LogWarning("vrbridge overlays show no text: install TextMeshPro (com.unity.textmeshpro).", parent);
            }
        }

        internal Color Color { get; set; }

        internal int NVisible { get; set; }

        internal Vector2 SizeOf(string text, float wideM)
        {
            return new Vector2(wideM, 0);
        }

        internal void Set(string text, Vector3 place, Vector2 size)
        {
        }

        internal void Free()
        {
        }
#endif
    }
}
