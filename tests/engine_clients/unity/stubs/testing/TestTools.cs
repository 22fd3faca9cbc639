// Tests that go on over frames, as Unity's test framework runs them.
using System;
using System.Collections;
using System.Linq;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Threading;
using NUnit.Framework;
using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;
using NUnit.Framework.Internal.Builders;
using NUnit.Framework.Internal.Commands;

namespace UnityEngine.TestTools
{
    [AttributeUsage(AttributeTargets.Method)]
    public class UnityTestAttribute : NUnitAttribute, ISimpleTestBuilder, IImplyFixture, IWrapTestMethod
    {
        public TestMethod BuildFrom(IMethodInfo method, Test suite)
        {
            var parameters = new TestCaseParameters { ExpectedResult = new object() };
            return new NUnitTestCaseBuilder().BuildTestMethod(method, suite, parameters);
        }

        public TestCommand Wrap(TestCommand command) => new FramesCommand(command);

        sealed class FramesCommand : DelegatingTestCommand
        {
            internal FramesCommand(TestCommand inner) : base(inner)
            {
            }

            public override TestResult Execute(TestExecutionContext context)
            {
                try
                {
                    var frames = (IEnumerator)Test.Method.MethodInfo.Invoke(context.TestObject, null);
                    while (frames.MoveNext())
                    {
                        // What arrives in the background needs some real time.
                        Thread.Sleep(1);
                        Frames.Tick();
                    }

                    LogAssert.NoUnexpectedReceived();
                    context.CurrentResult.SetResult(ResultState.Success);
                }
                catch (Exception error) when (!(error is ThreadAbortException))
                {
                    context.CurrentResult.RecordException(error);
                }

                return context.CurrentResult;
            }
        }
    }

    public static class LogAssert
    {
        static readonly System.Collections.Generic.List<(LogType Type, Regex Text)> _expected =
            new System.Collections.Generic.List<(LogType, Regex)>();

        public static void Expect(LogType type, Regex message) => _expected.Add((type, message));

        public static void NoUnexpectedReceived()
        {
            var lines = Debug.Lines.Where(each => each.Type != LogType.Log && each.Type != LogType.Warning).ToList();
            Debug.Lines.Clear();
            var expected = _expected.ToList();
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
}
