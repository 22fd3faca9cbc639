using System;
using System.Runtime.InteropServices;

namespace VRBridge.Core
{
    /// <summary>Reading of single bytes.</summary>
    internal static class ByteSpans
    {
        /// <summary>
        /// Returns a byte. Some builds of Mono declare the indexer of read-only spans in a way that nothing links
        /// against.
        /// </summary>
        internal static byte At(this ReadOnlySpan<byte> bytes, int index)
        {
            return MemoryMarshal.Read<byte>(bytes.Slice(index));
        }
    }
}
