// What a player does: mouse, keyboard and the fields of a screen.
namespace UnityEngine
{
    public class Input
    {
        public static Vector3 mousePosition => default;
        public static bool GetMouseButtonDown(int button) => false;
        public static bool GetMouseButton(int button) => false;
        public static float GetAxis(string axisName) => 0;
    }

    public sealed class Screen
    {
        public static int height => 600;
    }

    public sealed class AudioListener : Behaviour
    {
    }

    public sealed class GUISkin : ScriptableObject
    {
        public GUIStyle label { get; set; } = new GUIStyle();
        public GUIStyle textField { get; set; } = new GUIStyle();
    }

    public class GUI
    {
        public static GUISkin skin { get; set; } = new GUISkin();
    }
}

namespace UnityEngine.SceneManagement
{
    public struct Scene
    {
    }

    public class SceneManager
    {
    }
}
