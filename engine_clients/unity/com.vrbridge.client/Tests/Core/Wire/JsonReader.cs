using System;
using System.Globalization;
using System.Text;

namespace VRBridge.Core.Tests
{
    /// <summary>Reads JSON as golden messages use it, with bytes as maps of the single key <c>$bin</c>.</summary>
    internal sealed class JsonReader
    {
        private readonly string _text;
        private int _place;

        private JsonReader(string text)
        {
            _text = text;
        }

        internal static BridgeValue Read(string text)
        {
            var reader = new JsonReader(text);
            return reader.Value();
        }

        internal static byte[] Unhex(string hex)
        {
            var bytes = new byte[hex.Length / 2];
            for (int index = 0; index < bytes.Length; index++)
            {
                bytes[index] = Convert.ToByte(hex.Substring(2 * index, 2), 16);
            }
            return bytes;
        }

        private BridgeValue Value()
        {
            switch (Next())
            {
                case '{':
                    return Map();
                case '[':
                    return List();
                case '"':
                    return Text();
                case 't':
                    _place += 4;
                    return true;
                case 'f':
                    _place += 5;
                    return false;
                case 'n':
                    _place += 4;
                    return default;
                default:
                    return Number();
            }
        }

        private BridgeValue Map()
        {
            var map = new BridgeMap();
            _place++;
            while (Next() != '}')
            {
                string key = Text();
                Next();
                _place++;
                map.Add(key, Value());
                Pass(',');
            }
            _place++;
            return map.Count == 1 && map.Contains("$bin") ? Unhex(map.Text("$bin")) : (BridgeValue)map;
        }

        private BridgeValue List()
        {
            var list = new BridgeList();
            _place++;
            while (Next() != ']')
            {
                list.Add(Value());
                Pass(',');
            }
            _place++;
            return list;
        }

        private string Text()
        {
            var text = new StringBuilder();
            for (_place++; _text[_place] != '"'; _place++)
            {
                if (_text[_place] != '\\')
                {
                    text.Append(_text[_place]);
                    continue;
                }
                _place++;
                switch (_text[_place])
                {
                    case 'u':
                        text.Append((char)Convert.ToInt32(_text.Substring(_place + 1, 4), 16));
                        _place += 4;
                        break;
                    case 'n':
                        text.Append('\n');
                        break;
                    case 't':
                        text.Append('\t');
                        break;
                    case 'r':
                        text.Append('\r');
                        break;
                    case 'b':
                        text.Append('\b');
                        break;
                    case 'f':
                        text.Append('\f');
                        break;
                    default:
                        text.Append(_text[_place]);
                        break;
                }
            }
            _place++;
            return text.ToString();
        }

        private BridgeValue Number()
        {
            int start = _place;
            while (_place < _text.Length && "+-.eE0123456789".IndexOf(_text[_place]) >= 0)
            {
                _place++;
            }
            string digits = _text.Substring(start, _place - start);
            return digits.IndexOfAny(new[] { '.', 'e', 'E' }) < 0
                ? long.Parse(digits, CultureInfo.InvariantCulture)
                : (BridgeValue)double.Parse(digits, CultureInfo.InvariantCulture);
        }

        private char Next()
        {
            while (char.IsWhiteSpace(_text[_place]))
            {
                _place++;
            }
            return _text[_place];
        }

        private void Pass(char mark)
        {
            if (Next() == mark)
            {
                _place++;
            }
        }
    }
}
