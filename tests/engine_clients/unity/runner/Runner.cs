using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Text;

namespace VRBridge.TestRunner
{
    /// <summary>
    /// Runs the NUnit tests of an assembly and says of each how it ended. Attributes are known by their names, so that
    /// it doesn't matter which version of NUnit the tests were compiled with.
    /// </summary>
    public static class Runner
    {
        private const BindingFlags _any =
            BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;

        private static int _nFailed;

        /// <summary>
        /// Takes the assembly of the tests and those that it needs; behind <c>--only</c> beginnings of the names of
        /// those tests that are run.
        /// </summary>
        public static int Main(string[] arguments)
        {
            string[] paths = arguments.TakeWhile(argument => argument != "--only").ToArray();
            string[] wanted = arguments.Skip(paths.Length + 1).ToArray();
            Dictionary<string, string> known = paths.ToDictionary(path => Path.GetFileNameWithoutExtension(path));
            AppDomain.CurrentDomain.AssemblyResolve += (_, asked) =>
                known.TryGetValue(new AssemblyName(asked.Name).Name, out string path) ? Assembly.LoadFrom(path) : null;
            foreach (Type fixture in Assembly.LoadFrom(paths[0]).GetTypes().Where(IsFixture).OrderBy(type => type.Name))
            {
                RunFixture(fixture, wanted);
            }
            Console.WriteLine("END " + _nFailed.ToString(CultureInfo.InvariantCulture));
            return _nFailed == 0 ? 0 : 1;
        }

        private static bool IsFixture(Type type)
        {
            return type.IsClass && !type.IsAbstract && type.GetMethods(_any).Any(IsTest);
        }

        private static bool IsTest(MethodInfo method)
        {
            return Has(method, "Test") || Has(method, "UnityTest") || Has(method, "TestCase")
                || Has(method, "TestCaseSource");
        }

        private static void RunFixture(Type fixture, string[] wanted)
        {
            MethodInfo[] tests = fixture.GetMethods(_any)
                .Where(method => IsTest(method) && IsWanted(fixture.Name + "." + method.Name, wanted))
                .ToArray();
            if (tests.Length == 0)
            {
                return;
            }
            object instance = Activator.CreateInstance(fixture);
            Exception fault = CallAll(instance, "OneTimeSetUp", "TestFixtureSetUp");
            foreach (MethodInfo test in tests)
            {
                Say(fixture.Name + "." + test.Name, fault ?? RunAllCases(instance, test));
            }
            fault = CallAll(instance, "OneTimeTearDown", "TestFixtureTearDown");
            if (fault != null)
            {
                Say(fixture.Name + ".TearDown", fault);
            }
        }

        private static bool IsWanted(string name, string[] wanted)
        {
            return wanted.Length == 0 || wanted.Any(beginning => name.StartsWith(beginning, StringComparison.Ordinal));
        }

        private static Exception RunAllCases(object instance, MethodInfo test)
        {
            try
            {
                int nCases = 0;
                foreach (object[] arguments in CasesOf(instance, test))
                {
                    nCases++;
                    Exception fault = RunCase(instance, test, arguments);
                    if (fault != null)
                    {
                        return Is(fault, "IgnoreException") ? fault : new InvalidOperationException(
                            string.Join(", ", arguments.Select(argument => argument ?? "null")) + "\n" + Told(fault));
                    }
                }
                return nCases > 0 ? null : new InvalidOperationException("there are no cases");
            }
            catch (Exception fault)
            {
                return Unwrapped(fault);
            }
        }

        private static Exception RunCase(object instance, MethodInfo test, object[] arguments)
        {
            // NUnit 3 tells with the first failure of a test all those that were noted before it.
            Type isolated = AppDomain.CurrentDomain.GetAssemblies()
                .Select(assembly => assembly.GetType("NUnit.Framework.Internal.TestExecutionContext+IsolatedContext"))
                .FirstOrDefault(type => type != null);
            using (isolated == null ? null : (IDisposable)Activator.CreateInstance(isolated))
            {
                return RunIsolated(instance, test, arguments);
            }
        }

        private static Exception RunIsolated(object instance, MethodInfo test, object[] arguments)
        {
            Exception fault = CallAll(instance, "SetUp");
            if (fault == null)
            {
                fault = Call(instance, test, arguments);
                fault = Is(fault, "SuccessException") ? null : fault;
            }
            return fault ?? CallAll(instance, "TearDown");
        }

        private static IEnumerable<object[]> CasesOf(object instance, MethodInfo test)
        {
            var cases = new List<object[]>();
            foreach (object attribute in test.GetCustomAttributes(true))
            {
                switch (attribute.GetType().Name)
                {
                    case "TestAttribute" when test.GetParameters().Length == 0:
                    case "UnityTestAttribute":
                        cases.Add(new object[0]);
                        break;
                    case "TestCaseAttribute":
                        cases.Add((object[])Property(attribute, "Arguments"));
                        break;
                    case "TestCaseSourceAttribute":
                        cases.AddRange(Source(instance, (string)Property(attribute, "SourceName")));
                        break;
                }
            }
            return cases;
        }

        private static IEnumerable<object[]> Source(object instance, string name)
        {
            MemberInfo member = instance.GetType().GetMember(name, _any | BindingFlags.FlattenHierarchy).First();
            object values = member is MethodInfo method ? method.Invoke(instance, null)
                : member is PropertyInfo property ? property.GetValue(instance, null)
                : ((FieldInfo)member).GetValue(instance);
            foreach (object value in (IEnumerable)values)
            {
                yield return value as object[] ?? new[] { value };
            }
        }

        private static Exception CallAll(object instance, params string[] attributes)
        {
            return instance.GetType().GetMethods(_any)
                .Where(method => attributes.Any(name => Has(method, name)))
                .Select(method => Call(instance, method, new object[0]))
                .FirstOrDefault(fault => fault != null);
        }

        private static Exception Call(object instance, MethodInfo method, object[] arguments)
        {
            try
            {
                object returned = method.Invoke(instance, arguments);
                if (returned is IEnumerator frames)
                {
                    RunFrames(frames);
                    return null;
                }
                return returned == null ? null : new InvalidOperationException("a test returns nothing");
            }
            catch (Exception fault)
            {
                return Unwrapped(fault);
            }
        }

        // A test of Unity's goes on for as many frames as it wants; who stands for Unity knows what a frame is.
        private static void RunFrames(IEnumerator frames)
        {
            Type unity = Assembly.Load("UnityEngine.TestRunner").GetType("UnityEngine.TestTools.FrameRunner", true);
            unity.GetMethod("Run", _any).Invoke(null, new object[] { frames });
        }

        private static void Say(string name, Exception fault)
        {
            string how = fault == null ? "ok" : Is(fault, "IgnoreException") ? "ignored" : "failed";
            _nFailed += how == "failed" ? 1 : 0;
            Console.WriteLine("RESULT " + name + " " + how + " " + Escaped(fault == null ? "" : Told(fault)));
            Console.Out.Flush();
        }

        private static string Told(Exception fault)
        {
            return fault.GetType().Name + ": " + fault.Message + "\n" + fault.StackTrace;
        }

        private static string Escaped(string text)
        {
            var escaped = new StringBuilder();
            foreach (char letter in text)
            {
                bool isPlain = letter >= ' ' && letter < 127 && letter != '\\';
                escaped.Append(isPlain ? letter.ToString() : "\\u" + ((int)letter).ToString("x4"));
            }
            return escaped.ToString();
        }

        private static Exception Unwrapped(Exception fault)
        {
            return fault is TargetInvocationException && fault.InnerException != null
                ? Unwrapped(fault.InnerException)
                : fault;
        }

        private static bool Is(Exception fault, string name)
        {
            return fault != null && fault.GetType().Name == name;
        }

        private static bool Has(MemberInfo member, string name)
        {
            return member.GetCustomAttributes(true).Any(attribute => attribute.GetType().Name == name + "Attribute");
        }

        private static object Property(object owner, string name)
        {
            return owner.GetType().GetProperty(name).GetValue(owner, null);
        }
    }
}
