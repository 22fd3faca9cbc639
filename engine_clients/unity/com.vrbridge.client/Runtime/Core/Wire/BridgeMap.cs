using System.Collections;
using System.Collections.Generic;

namespace VRBridge.Core
{
    /// <summary>A list of values of the wire.</summary>
    public sealed class BridgeList : List<BridgeValue>
    {
        /// <summary>An empty one.</summary>
        public BridgeList()
        {
        }

        /// <param name="capacity">How many values there is room for at once.</param>
        public BridgeList(int capacity)
            : base(capacity)
        {
        }

        /// <summary>Returns a list of texts.</summary>
        public static BridgeList Of(IReadOnlyCollection<string> texts)
        {
            var list = new BridgeList(texts.Count);
            foreach (string text in texts)
            {
                list.Add(text);
            }
            return list;
        }
    }

    /// <summary>A map of the wire, in the order of its fields.</summary>
    /// <remarks>
    /// Another program may have written it: what is missing or of another type is read as the default.
    /// <code>var parameters = new BridgeMap { { "prompt", "a wooden barrel" }, { "seed", 5 } };</code>
    /// </remarks>
    public sealed class BridgeMap : IEnumerable<KeyValuePair<string, BridgeValue>>
    {
        private readonly List<KeyValuePair<string, BridgeValue>> _fields;

        /// <param name="capacity">How many fields there is room for at once.</param>
        public BridgeMap(int capacity = 4)
        {
            _fields = new List<KeyValuePair<string, BridgeValue>>(capacity);
        }

        /// <summary>How many fields there are.</summary>
        public int Count => _fields.Count;

        /// <summary>A field; nil if it is not there.</summary>
        public BridgeValue this[string key]
        {
            get
            {
                int index = IndexOf(key);
                return index < 0 ? default : _fields[index].Value;
            }

            set
            {
                int index = IndexOf(key);
                if (index < 0)
                {
                    Append(key, value);
                }
                else
                {
                    _fields[index] = new KeyValuePair<string, BridgeValue>(key, value);
                }
            }
        }

        /// <summary>Sets a field.</summary>
        public void Add(string key, BridgeValue value)
        {
            this[key] = value;
        }

        /// <summary>Sets the fields of another map.</summary>
        public void Merge(BridgeMap other)
        {
            foreach (KeyValuePair<string, BridgeValue> field in other)
            {
                this[field.Key] = field.Value;
            }
        }

        /// <summary>Whether there is such a field, be it nil.</summary>
        public bool Contains(string key)
        {
            return IndexOf(key) >= 0;
        }

        /// <summary>Returns the text in a field.</summary>
        public string Text(string key, string otherwise = "")
        {
            return this[key].AsText(otherwise);
        }

        /// <summary>Returns the whole number in a field.</summary>
        public long Whole(string key, long otherwise = 0)
        {
            return this[key].AsWhole(otherwise);
        }

        /// <summary>Returns the number in a field.</summary>
        public double Number(string key, double otherwise = 0)
        {
            return this[key].AsNumber(otherwise);
        }

        /// <summary>Returns the truth value in a field.</summary>
        public bool Truth(string key, bool otherwise = false)
        {
            return this[key].AsTruth(otherwise);
        }

        /// <summary>Returns the map in a field; an empty one if there is none.</summary>
        public BridgeMap MapOf(string key)
        {
            return this[key].AsMap() ?? new BridgeMap(0);
        }

        /// <summary>Returns the list in a field; an empty one if there is none.</summary>
        public BridgeList ListOf(string key)
        {
            return this[key].AsList() ?? new BridgeList(0);
        }

        /// <summary>Returns the bytes in a field; empty ones if there are none.</summary>
        public byte[] BytesOf(string key)
        {
            return this[key].AsBytes();
        }

        /// <summary>Returns the three numbers in a field.</summary>
        public BridgeVector VectorOf(string key, BridgeVector otherwise = default)
        {
            BridgeList list = this[key].AsList();
            if (list == null || list.Count != 3)
            {
                return otherwise;
            }
            foreach (BridgeValue value in list)
            {
                if (value.Kind != BridgeKind.Whole && value.Kind != BridgeKind.Number)
                {
                    return otherwise;
                }
            }
            return new BridgeVector(
                (float)list[0].AsNumber(), (float)list[1].AsNumber(), (float)list[2].AsNumber());
        }

        /// <summary>The key of a field, by its place.</summary>
        public string KeyAt(int index)
        {
            return _fields[index].Key;
        }

        /// <summary>The value of a field, by its place.</summary>
        public BridgeValue ValueAt(int index)
        {
            return _fields[index].Value;
        }

        /// <summary>Goes through the fields, in order.</summary>
        public List<KeyValuePair<string, BridgeValue>>.Enumerator GetEnumerator()
        {
            return _fields.GetEnumerator();
        }

        IEnumerator<KeyValuePair<string, BridgeValue>> IEnumerable<KeyValuePair<string, BridgeValue>>.GetEnumerator()
        {
            return _fields.GetEnumerator();
        }

        IEnumerator IEnumerable.GetEnumerator()
        {
            return _fields.GetEnumerator();
        }

        /// <summary>Adds a field without looking whether there is one; the last of the same key counts.</summary>
        internal void Append(string key, BridgeValue value)
        {
            _fields.Add(new KeyValuePair<string, BridgeValue>(key, value));
        }

        private int IndexOf(string key)
        {
            for (int index = _fields.Count - 1; index >= 0; index--)
            {
                if (_fields[index].Key == key)
                {
                    return index;
                }
            }
            return -1;
        }
    }
}
