using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace VRBridge.Core.Tests
{
    /// <summary>What a value means, as a text: the order of keys and the width of numbers don't count.</summary>
    internal static class Meaning
    {
        internal static string Of(BridgeValue value)
        {
            var text = new StringBuilder();
            Add(text, value);
            return text.ToString();
        }

        private static void Add(StringBuilder text, BridgeValue value)
        {
            switch (value.Kind)
            {
                case BridgeKind.Nil:
                    text.Append("nil");
                    break;
                case BridgeKind.Truth:
                    text.Append(value.AsTruth() ? "true" : "false");
                    break;
                case BridgeKind.Whole:
                    text.Append(value.AsWhole().ToString(CultureInfo.InvariantCulture));
                    break;
                case BridgeKind.Number:
                    AddNumber(text, value.AsNumber());
                    break;
                case BridgeKind.Text:
                    text.Append('"').Append(value.AsText()).Append('"');
                    break;
                case BridgeKind.Bytes:
                    text.Append('<').Append(BitConverter.ToString(value.AsBytes())).Append('>');
                    break;
                case BridgeKind.List:
                    AddList(text, value.AsList());
                    break;
                default:
                    AddMap(text, value.AsMap());
                    break;
            }
        }

        private static void AddNumber(StringBuilder text, double number)
        {
            bool isWhole = Math.Abs(number) < 1e15 && number == Math.Floor(number);
            text.Append(isWhole
                ? ((long)number).ToString(CultureInfo.InvariantCulture)
                : number.ToString("R", CultureInfo.InvariantCulture));
        }

        private static void AddList(StringBuilder text, BridgeList list)
        {
            text.Append('[');
            foreach (BridgeValue item in list)
            {
                Add(text, item);
                text.Append(' ');
            }
            text.Append(']');
        }

        private static void AddMap(StringBuilder text, BridgeMap map)
        {
            var keys = new List<string>();
            foreach (KeyValuePair<string, BridgeValue> field in map)
            {
                keys.Add(field.Key);
            }
            keys.Sort(StringComparer.Ordinal);
            text.Append('{');
            foreach (string key in keys)
            {
                text.Append(key).Append(": ");
                Add(text, map[key]);
                text.Append(' ');
            }
            text.Append('}');
        }
    }
}
