// Tests that go on over frames, and logs that tests expect.
using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading;
using NUnit.Framework;

namespace UnityEngine.TestTools
{
    [AttributeUsage(AttributeTargets.Method)]
    public class UnityTestAttribute : Attribute
    {
    }

    public static class LogAssert
    {
        static readonly List<(LogType Type, Regex Text)> _expected = new List<(LogType, Regex)>();

        public static void Expect(LogType type, Regex message) => _expected.Add((type, message));

        public static void NoUnexpectedReceived()
        {
            List<(LogType Type, string Text)> lines = Debug.Lines
                .Where(each => each.Type != LogType.Log && each.Type != LogType.Warning).ToList();
            (LogType Type, Regex Text)[] expected = _expected.ToArray();
            Debug.Lines.Clear();
            _expected.Clear();
            foreach ((LogType type, Regex text) in expected)
            {
                int place = lines.FindIndex(each => each.Type == type && text.IsMatch(each.Text));
                Assert.That(place, Is.GreaterThanOrEqualTo(0), $"Expected {type}: {text}");
                lines.RemoveAt(place);
            }

            Assert.That(lines.Select(each => each.Text), Is.Empty, "Unexpected log messages.");
        }
    }

    internal static class FrameRunner
    {
        internal static void Run(IEnumerator frames)
        {
            var inner = new Stack<IEnumerator>();
            inner.Push(frames);
            while (inner.Count > 0)
            {
                if (!inner.Peek().MoveNext())
                {
                    inner.Pop();
                }
                else if (inner.Peek().Current is IEnumerator more)
                {
                    inner.Push(more);
                }
                else
                {
                    // What arrives in the background needs some real time.
                    Thread.Sleep(1);
                    Frames.Tick();
                }
            }

            LogAssert.NoUnexpectedReceived();
        }
    }
}
