using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

namespace VRBridge.Core
{
    /// <summary>A range of a mesh's indices that is drawn with one material.</summary>
    public readonly struct MeshSurface
    {
        /// <param name="start">Its first index.</param>
        /// <param name="count">How many indices it has, three a triangle.</param>
        /// <param name="material">Its factors.</param>
        public MeshSurface(int start, int count, BridgeMap material)
        {
            Start = start;
            Count = count;
            Material = material;
        }

        /// <summary>Its first index.</summary>
        public int Start { get; }

        /// <summary>How many indices it has, three a triangle.</summary>
        public int Count { get; }

        /// <summary><c>name</c>, <c>base_color</c> (linear RGBA), <c>metallic</c>, <c>roughness</c>.</summary>
        public BridgeMap Material { get; }
    }

    /// <summary>A mesh that travels as bare arrays, checked, in the wire's right-handed axes.</summary>
    public sealed class MeshArrays
    {
        /// <summary>What such assets are announced as.</summary>
        public const string MediaType = "application/vnd.vrbridge.arrays";

        private const int _maxVertices = 1 << 20;
        private const int _vectorBytes = 12;
        private const int _uvBytes = 8;
        private const int _colorBytes = 4;
        private const int _corners = 3;

        private readonly byte[] _positions;
        private readonly byte[] _normals;
        private readonly byte[] _uv;

        private MeshArrays(BridgeMap map)
        {
            _positions = map.BytesOf("positions");
            _normals = map.BytesOf("normals");
            _uv = map.BytesOf("uv");
            Colors = map.BytesOf("colors");
            RawIndices = map.BytesOf("indices");
            IndexBytes = (int)map.Whole("index_bytes", 2);
        }

        /// <summary>How many vertices there are.</summary>
        public int NVertices => _positions.Length / _vectorBytes;

        /// <summary>How many indices there are.</summary>
        public int NIndices => RawIndices.Length / IndexBytes;

        /// <summary>Three numbers a vertex, in metres.</summary>
        public ReadOnlySpan<float> Positions => MemoryMarshal.Cast<byte, float>(_positions);

        /// <summary>Three numbers a vertex, of length 1.</summary>
        public ReadOnlySpan<float> Normals => MemoryMarshal.Cast<byte, float>(_normals);

        /// <summary>Two numbers a vertex, in metres unless the mesh was asked for unwrapped.</summary>
        public ReadOnlySpan<float> Uv => MemoryMarshal.Cast<byte, float>(_uv);

        /// <summary>Four bytes a vertex: linear RGBA.</summary>
        public byte[] Colors { get; }

        /// <summary>Bytes of an index: 2 or 4.</summary>
        public int IndexBytes { get; }

        /// <summary>The indices, little-endian; front faces run counterclockwise.</summary>
        public byte[] RawIndices { get; }

        /// <summary>One range of indices a material; none overlaps the end.</summary>
        public IReadOnlyList<MeshSurface> Surfaces { get; private set; }

        /// <summary>Corner of the box around it with the smallest coordinates.</summary>
        public BridgeVector Min { get; private set; }

        /// <summary>Corner of the box around it with the largest coordinates.</summary>
        public BridgeVector Max { get; private set; }

        /// <summary>Reads a mesh, on any thread.</summary>
        /// <param name="data">The asset's bytes, which are not needed afterwards.</param>
        /// <param name="arrays">The mesh; null without one.</param>
        /// <param name="error">What is wrong with the data; null if nothing is.</param>
        /// <returns>Whether it is one.</returns>
        public static bool TryRead(ReadOnlySpan<byte> data, out MeshArrays arrays, out string error)
        {
            arrays = null;
            try
            {
                BridgeMap map = MessagePackReader.Decode(data).AsMap();
                if (map == null)
                {
                    error = "it is no map of arrays";
                    return false;
                }
                var made = new MeshArrays(map);
                error = made.LengthFault() ?? made.ReadSurfaces(map) ?? made.IndexFault() ?? made.Measure();
                arrays = error == null ? made : null;
                return arrays != null;
            }
            catch (MessagePackException fault)
            {
                error = fault.Message;
                return false;
            }
        }

        /// <summary>The vertex that an index names.</summary>
        public int Index(int place)
        {
            return IndexBytes == 2
                ? MemoryMarshal.Cast<byte, ushort>(RawIndices.AsSpan())[place]
                : MemoryMarshal.Cast<byte, int>(RawIndices.AsSpan())[place];
        }

        private string LengthFault()
        {
            int n = NVertices;
            if (n == 0 || n > _maxVertices)
            {
                return $"it has {n} vertices";
            }
            if (IndexBytes != 2 && IndexBytes != 4)
            {
                return $"it has indices of {IndexBytes} bytes";
            }
            bool isWhole = _positions.Length == n * _vectorBytes
                && _normals.Length == n * _vectorBytes
                && _uv.Length == n * _uvBytes
                && Colors.Length == n * _colorBytes
                && RawIndices.Length % IndexBytes == 0;
            return isWhole ? null : "it has arrays of different lengths";
        }

        private string ReadSurfaces(BridgeMap map)
        {
            var surfaces = new List<MeshSurface>();
            foreach (BridgeValue value in map.ListOf("surfaces"))
            {
                BridgeMap surface = value.AsMap() ?? new BridgeMap(0);
                long start = surface.Whole("start", -1);
                long count = surface.Whole("count", -1);
                if (start < 0 || count < _corners || count % _corners != 0 || start + count > NIndices)
                {
                    return $"it has a surface of indices {start} to {start + count} of {NIndices}";
                }
                surfaces.Add(new MeshSurface((int)start, (int)count, surface.MapOf("material")));
            }
            if (surfaces.Count == 0)
            {
                if (NIndices < _corners || NIndices % _corners != 0)
                {
                    return $"it has {NIndices} indices";
                }
                surfaces.Add(new MeshSurface(0, NIndices, map.MapOf("material")));
            }
            Surfaces = surfaces;
            return null;
        }

        private string IndexFault()
        {
            uint n = (uint)NVertices;
            if (IndexBytes == 2)
            {
                foreach (ushort index in MemoryMarshal.Cast<byte, ushort>(RawIndices.AsSpan()))
                {
                    if (index >= n)
                    {
                        return $"it has an index {index} of {n} vertices";
                    }
                }
                return null;
            }
            foreach (uint index in MemoryMarshal.Cast<byte, uint>(RawIndices.AsSpan()))
            {
                if (index >= n)
                {
                    return $"it has an index {index} of {n} vertices";
                }
            }
            return null;
        }

        private string Measure()
        {
            Span<float> positions = MemoryMarshal.Cast<byte, float>(_positions.AsSpan());
            Span<float> min = stackalloc float[] { float.MaxValue, float.MaxValue, float.MaxValue };
            Span<float> max = stackalloc float[] { float.MinValue, float.MinValue, float.MinValue };
            for (int place = 0; place < positions.Length; place++)
            {
                float value = positions[place];
                if (float.IsNaN(value) || float.IsInfinity(value))
                {
                    return "it has a position that is not finite";
                }
                int axis = place % _corners;
                min[axis] = Math.Min(min[axis], value);
                max[axis] = Math.Max(max[axis], value);
            }
            Min = new BridgeVector(min[0], min[1], min[2]);
            Max = new BridgeVector(max[0], max[1], max[2]);
            return null;
        }
    }
}
