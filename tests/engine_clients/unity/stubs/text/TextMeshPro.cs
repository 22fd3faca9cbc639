// Text in the scene, laid out as if every letter had one width.
using System;
using System.Globalization;
using UnityEngine;

namespace TMPro
{
    public enum TextAlignmentOptions
    {
        TopLeft = 257,
    }

    public enum TextOverflowModes
    {
        Overflow = 0,
    }

#if UNITY_2023_2_OR_NEWER
    public enum TextWrappingModes
    {
        NoWrap = 0,
        Normal = 1,
    }
#endif

    public class TMP_FontAsset : ScriptableObject
    {
    }

    public abstract class TMP_Text : MonoBehaviour
    {
        Material _material;

        public virtual string text { get; set; } = "";
        public TMP_FontAsset font { get; set; }
        public float fontSize { get; set; } = 36;
        public virtual Color color { get; set; } = Color.white;
        public bool richText { get; set; } = true;
        public bool parseCtrlCharacters { get; set; } = true;
        public Material fontMaterial
        {
            get => IsAwake
                ? _material ??= new Material(new Shader("Shader \"TextMeshPro/Distance Field\"\n unity_GUIZTestMode (\"\", Float)"))
                : throw new NullReferenceException("A text that has not woken has no material.");
            set => _material = value;
        }

        public int maxVisibleCharacters { get; set; } = 99999;
        public TextAlignmentOptions alignment { get; set; }
        public TextOverflowModes overflowMode { get; set; }
        public RectTransform rectTransform => (RectTransform)transform;
#if UNITY_2023_2_OR_NEWER
        public TextWrappingModes textWrappingMode { get; set; }
#else
        public bool enableWordWrapping { get; set; }
#endif

        public Vector2 GetPreferredValues(string text, float width, float height)
        {
            // Ten units of a font's size are a metre.
            float letter = fontSize / 10 / 2, row = 0, widest = 0, high = fontSize == 0 || text.Length == 0 ? 0 : 1;
            foreach (string word in text.Split(' '))
            {
                float wide = letter * (new StringInfo(word).LengthInTextElements + 1);
                if (row + wide > width && row > 0)
                {
                    (row, high) = (0, high + 1);
                }

                row += wide;
                widest = MathF.Max(widest, row);
            }

            return new Vector2(MathF.Min(widest, width), high * fontSize / 10 * 1.15f);
        }
    }

    [RequireComponent(typeof(RectTransform))]
    [RequireComponent(typeof(MeshRenderer))]
    public class TextMeshPro : TMP_Text
    {
        public int sortingOrder { get; set; }
    }
}
