using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;

namespace VRBridge.Members
{
    /// <summary>Prints every public member of assemblies, one a line, as Unity's manual would write it.</summary>
    public static class Members
    {
        private const BindingFlags _own =
            BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

        private static readonly Dictionary<string, string> _keywords = new Dictionary<string, string>
        {
            { "Void", "void" }, { "Boolean", "bool" }, { "Byte", "byte" }, { "UInt16", "ushort" }, { "Int32", "int" },
            { "UInt32", "uint" }, { "Int64", "long" }, { "Single", "float" }, { "Double", "double" },
            { "String", "string" }, { "Object", "object" }, { "Char", "char" },
        };

        /// <summary>Takes the assemblies, and behind <c>--with</c> those that they need.</summary>
        public static void Main(string[] arguments)
        {
            string[] paths = arguments.TakeWhile(argument => argument != "--with").ToArray();
            Dictionary<string, string> known = arguments.Where(argument => argument != "--with")
                .ToDictionary(path => Path.GetFileNameWithoutExtension(path));
            AppDomain.CurrentDomain.AssemblyResolve += (_, asked) =>
                known.TryGetValue(new AssemblyName(asked.Name).Name, out string path) ? Assembly.LoadFrom(path) : null;
            IEnumerable<string> lines = paths.SelectMany(path => Assembly.LoadFrom(path).GetExportedTypes())
                .SelectMany(LinesOf);
            foreach (string line in lines.Distinct().OrderBy(line => line, StringComparer.Ordinal))
            {
                Console.WriteLine(line);
            }
        }

        private static IEnumerable<string> LinesOf(Type type)
        {
            string name = FullNameOf(type);
            yield return name;
            if (typeof(Delegate).IsAssignableFrom(type))
            {
                yield break;
            }
            foreach (FieldInfo field in type.GetFields(_own).Where(field => !field.IsSpecialName))
            {
                string value = type.IsEnum ? " = " + Convert.ToInt64(field.GetRawConstantValue()) : ": " + NameOf(field.FieldType);
                yield return $"{name}.{field.Name}{value}";
            }
            foreach (PropertyInfo property in type.GetProperties(_own).Where(property => !IsOverride(property.GetMethod ?? property.SetMethod)))
            {
                string index = property.GetIndexParameters().Length > 0 ? $"[{ListOf(property.GetIndexParameters())}]" : "";
                string accessors = (property.GetMethod?.IsPublic == true ? " get" : "") + (property.SetMethod?.IsPublic == true ? " set" : "");
                yield return $"{name}.{property.Name}{index}: {NameOf(property.PropertyType)} {{{accessors} }}";
            }
            foreach (ConstructorInfo constructor in type.GetConstructors(_own).Where(each => each.GetParameters().Length > 0))
            {
                yield return $"{name}({ListOf(constructor.GetParameters())})";
            }
            foreach (MethodInfo method in type.GetMethods(_own).Where(method => !IsOverride(method) && !IsAccessor(method)))
            {
                string generic = method.IsGenericMethod
                    ? $"<{string.Join(", ", method.GetGenericArguments().Select(NameOf))}>"
                    : "";
                yield return $"{name}.{method.Name}{generic}({ListOf(method.GetParameters())}): {NameOf(method.ReturnType)}";
            }
        }

        private static bool IsAccessor(MethodInfo method)
        {
            return method.IsSpecialName && !method.Name.StartsWith("op_", StringComparison.Ordinal);
        }

        private static bool IsOverride(MethodInfo method)
        {
            return method.GetBaseDefinition() != method;
        }

        private static string ListOf(ParameterInfo[] parameters)
        {
            return string.Join(", ", parameters.Select(parameter =>
                (parameter.IsOut ? "out " : "") + NameOf(parameter.ParameterType)));
        }

        private static string FullNameOf(Type type)
        {
            return type.IsNested
                ? FullNameOf(type.DeclaringType) + "." + NameOf(type)
                : (type.Namespace == null ? "" : type.Namespace + ".") + NameOf(type);
        }

        private static string NameOf(Type type)
        {
            if (type.IsByRef)
            {
                return NameOf(type.GetElementType());
            }
            if (type.IsArray)
            {
                return NameOf(type.GetElementType()) + "[]";
            }
            string name = type.Name.Split('`')[0];
            if (type.IsGenericType)
            {
                return $"{name}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>";
            }
            return type.Namespace == "System" && _keywords.TryGetValue(name, out string keyword) ? keyword : name;
        }
    }
}
