// Time, logs and the application, and the loop that runs frames for tests.
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Reflection;
using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("UnityEngine.TestRunner")]
[assembly: InternalsVisibleTo("UnityEditor")]
[assembly: InternalsVisibleTo("Unity.TextMeshPro")]
#if SEEN_BY_TESTS
[assembly: InternalsVisibleTo("VRBridge.Tests")]
#endif

namespace UnityEngine
{
    internal static class Frames
    {
        internal const float StepS = 1f / 72;
        static readonly List<Object> _ending = new List<Object>();

        internal static int N { get; private set; }

        internal static void DestroyLater(Object some) => _ending.Add(some);

        /// <summary>Runs one frame: starts, physics, updates, late updates, and the end of what was destroyed.</summary>
        internal static void Tick()
        {
            N++;
            List<MonoBehaviour> all = Running();
            foreach (MonoBehaviour each in all.Where(each => !each.IsStarted && each.IsRunning))
            {
                each.IsStarted = true;
                each.Tell("Start");
            }

            foreach (string message in new[] { "FixedUpdate", "Update", "LateUpdate" })
            {
                foreach (MonoBehaviour each in Running().Where(each => each.IsStarted))
                {
                    each.Tell(message);
                }
            }

            Object[] gone = _ending.ToArray();
            _ending.Clear();
            foreach (Object each in gone)
            {
                each.Vanish();
            }
        }

        internal static void TellAll(string message, bool argument)
        {
            foreach (MonoBehaviour each in Running())
            {
                each.Tell(message, argument);
            }
        }

        internal static void Try(Action work)
        {
            try
            {
                work();
            }
            catch (TargetInvocationException error)
            {
                Debug.LogException(error.InnerException);
            }
        }

        static List<MonoBehaviour> Running() => GameObject.All.ToArray()
            .SelectMany(each => each.Components.OfType<MonoBehaviour>()).Where(each => each.IsRunning)
            .OrderBy(Order).ToList();

        static int Order(MonoBehaviour some) =>
            some.GetType().GetCustomAttribute<DefaultExecutionOrder>()?.order ?? 0;
    }

    public class Time
    {
        static readonly Stopwatch _watch = Stopwatch.StartNew();

        public static float deltaTime => Frames.StepS;
        public static float unscaledDeltaTime => Frames.StepS;
        public static float unscaledTime => Frames.N * Frames.StepS;
        public static int frameCount => Frames.N;
        public static double realtimeSinceStartupAsDouble => _watch.Elapsed.TotalSeconds;
    }

    public enum LogType
    {
        Error,
        Assert,
        Warning,
        Log,
        Exception,
    }

    public class Debug
    {
        internal static readonly List<(LogType Type, string Text)> Lines = new List<(LogType, string)>();

        public static void Log(object message) => Add(LogType.Log, message);
        public static void LogWarning(object message) => Add(LogType.Warning, message);
        public static void LogWarning(object message, Object context) => Add(LogType.Warning, message);
        public static void LogError(object message) => Add(LogType.Error, message);
        public static void LogError(object message, Object context) => Add(LogType.Error, message);
        public static void LogException(Exception exception) => Add(LogType.Exception, exception);

        static void Add(LogType type, object message)
        {
            lock (Lines)
            {
                Lines.Add((type, $"{message}"));
            }
        }
    }

    public enum RuntimePlatform
    {
        WindowsEditor = 7,
        Android = 11,
        LinuxPlayer = 13,
        WebGLPlayer = 17,
    }

    public class Application
    {
        internal static bool IsPlaying = true;

        public static bool isPlaying => IsPlaying;
        public static bool isEditor => false;
        public static bool runInBackground { get; set; }
        public static string absoluteURL => "";
        public static string unityVersion => "2022.3.0f1";
        public static RuntimePlatform platform => RuntimePlatform.LinuxPlayer;
    }

    public class PlayerPrefs
    {
        static readonly Dictionary<string, string> _kept = new Dictionary<string, string>();

        public static string GetString(string key, string defaultValue) => _kept.GetValueOrDefault(key, defaultValue);
        public static void SetString(string key, string value) => _kept[key] = value;
        public static void Save()
        {
        }
    }
}
