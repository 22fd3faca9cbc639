using System;

namespace VRBridge.Core
{
    /// <summary>
    /// Keys of maps that were read before, so that reading them again takes no memory.
    /// </summary>
    internal static class KeyCache
    {
        private const int _nSlots = 256;
        private const int _maxBytes = 32;

        // A slot is replaced as a whole, so that threads need no lock: the worst is that a key is decoded once more.
        private static readonly Entry[] _slots = new Entry[_nSlots];

        /// <summary>Returns the text of a key.</summary>
        internal static string Find(ReadOnlySpan<byte> utf8)
        {
            if (utf8.Length > _maxBytes)
            {
                return MessagePackReader.Text(utf8);
            }
            int slot = SlotOf(utf8);
            Entry entry = _slots[slot];
            if (entry == null || !utf8.SequenceEqual(entry.Utf8))
            {
                entry = new Entry(utf8.ToArray(), MessagePackReader.Text(utf8));
                _slots[slot] = entry;
            }
            return entry.Key;
        }

        private static int SlotOf(ReadOnlySpan<byte> utf8)
        {
            uint hash = 2166136261;
            for (int index = 0; index < utf8.Length; index++)
            {
                hash = unchecked((hash ^ utf8.At(index)) * 16777619);
            }
            return (int)(hash % _nSlots);
        }

        private sealed class Entry
        {
            internal Entry(byte[] utf8, string key)
            {
                Utf8 = utf8;
                Key = key;
            }

            internal byte[] Utf8 { get; }

            internal string Key { get; }
        }
    }
}
