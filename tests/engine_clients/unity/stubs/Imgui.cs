// Controls of the editor's windows; in tests nobody clicks.
namespace UnityEngine
{
    public class GUIContent
    {
        public GUIContent(string text)
        {
            this.text = text;
        }

        public GUIContent(string text, string tooltip)
        {
            this.text = text;
            this.tooltip = tooltip;
        }

        public string text { get; set; }
        public string tooltip { get; set; }
    }

    public sealed class GUIStyle
    {
        public int fontSize { get; set; }
    }

    public class GUILayoutOption
    {
    }

    public class GUILayout
    {
        public static void BeginArea(Rect screenRect)
        {
        }

        public static void EndArea()
        {
        }

        public static string TextField(string text, params GUILayoutOption[] options) => text;

        public static void Label(string text, params GUILayoutOption[] options)
        {
        }

        public static bool Button(string text, params GUILayoutOption[] options) => false;
    }
}
