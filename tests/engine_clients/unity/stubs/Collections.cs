// Native memory, here managed: an array that looks at bytes somebody else may own.
using System;
using System.Runtime.InteropServices;

namespace Unity.Collections
{
    public enum Allocator
    {
        Invalid = 0,
        None = 1,
        Temp = 2,
        TempJob = 3,
        Persistent = 4,
    }

    public enum NativeArrayOptions
    {
        UninitializedMemory = 0,
        ClearMemory = 1,
    }

    public struct NativeArray<T> : IDisposable where T : struct
    {
        Memory<byte> _bytes;

        public NativeArray(int length, Allocator allocator, NativeArrayOptions options = NativeArrayOptions.ClearMemory)
        {
            _bytes = new byte[length * Marshal.SizeOf<T>()];
        }

        internal NativeArray(Memory<byte> bytes)
        {
            _bytes = bytes;
        }

        public int Length => AsSpan().Length;
        public bool IsCreated => !_bytes.IsEmpty;

        public T this[int index]
        {
            get => AsSpan()[index];
            set => AsSpan()[index] = value;
        }

        public Span<T> AsSpan() => MemoryMarshal.Cast<byte, T>(_bytes.Span);
        public ReadOnlySpan<T> AsReadOnlySpan() => AsSpan();
        public static implicit operator Span<T>(in NativeArray<T> source) => source.AsSpan();
        public static implicit operator ReadOnlySpan<T>(in NativeArray<T> source) => source.AsSpan();

        public void Dispose()
        {
            _bytes = default;
        }
    }
}
