// Meshes whose buffers are bytes, read back through the layout that they were given.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using Unity.Collections;
using UnityEngine.Rendering;

namespace UnityEngine.Rendering
{
    public enum VertexAttribute
    {
        Position = 0,
        Normal = 1,
        Tangent = 2,
        Color = 3,
        TexCoord0 = 4,
    }

    public enum VertexAttributeFormat
    {
        Float32 = 0,
        UNorm8 = 2,
    }

    public enum IndexFormat
    {
        UInt16 = 0,
        UInt32 = 1,
    }

    [Flags]
    public enum MeshUpdateFlags
    {
        Default = 0,
        DontValidateIndices = 1,
        DontResetBoneBounds = 2,
        DontNotifyMeshUsers = 4,
        DontRecalculateBounds = 8,
    }

    public struct VertexAttributeDescriptor
    {
        public VertexAttributeDescriptor(
            VertexAttribute attribute = VertexAttribute.Position,
            VertexAttributeFormat format = VertexAttributeFormat.Float32,
            int dimension = 3,
            int stream = 0)
        {
            this.attribute = attribute;
            this.format = format;
            this.dimension = dimension;
            this.stream = stream;
        }

        public VertexAttribute attribute { get; set; }
        public VertexAttributeFormat format { get; set; }
        public int dimension { get; set; }
        public int stream { get; set; }
    }

    public struct SubMeshDescriptor
    {
        public SubMeshDescriptor(int indexStart, int indexCount, MeshTopology topology = MeshTopology.Triangles)
            : this()
        {
            this.indexStart = indexStart;
            this.indexCount = indexCount;
            this.topology = topology;
        }

        public Bounds bounds { get; set; }
        public MeshTopology topology { get; set; }
        public int indexStart { get; set; }
        public int indexCount { get; set; }
        public int baseVertex { get; set; }
        public int firstVertex { get; set; }
        public int vertexCount { get; set; }
    }
}

namespace UnityEngine
{
    public enum MeshTopology
    {
        Triangles = 0,
    }

    public sealed class Mesh : Object
    {
        MeshData _data = new MeshData(new Contents());

        public Bounds bounds { get; set; }
        public int vertexCount => _data.Inside.NVertices;
        public int subMeshCount => _data.Inside.SubMeshes.Length;
        public bool isReadable => true;
        public IndexFormat indexFormat => _data.Inside.Format;
        public Vector3[] vertices => Read(VertexAttribute.Position, (bytes, at) => Three(bytes, at));
        public Vector3[] normals => Read(VertexAttribute.Normal, (bytes, at) => Three(bytes, at));
        public Vector4[] tangents => Read(
            VertexAttribute.Tangent, (bytes, at) => { Vector3 v = Three(bytes, at); return new Vector4(v.x, v.y, v.z, BitConverter.ToSingle(bytes, at + 12)); });
        public Vector2[] uv => Read(
            VertexAttribute.TexCoord0, (bytes, at) => new Vector2(BitConverter.ToSingle(bytes, at), BitConverter.ToSingle(bytes, at + 4)));
        public Color32[] colors32 => Read(
            VertexAttribute.Color, (bytes, at) => new Color32(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]));
        public int[] triangles => Enumerable.Range(0, subMeshCount).SelectMany(GetTriangles).ToArray();

        public int[] GetTriangles(int submesh)
        {
            Contents inside = _data.Inside;
            SubMeshDescriptor part = inside.SubMeshes[submesh];
            return Enumerable.Range(part.indexStart, part.indexCount)
                .Select(n => inside.Format == IndexFormat.UInt16 ? BitConverter.ToUInt16(inside.Indices, 2 * n) : (int)BitConverter.ToUInt32(inside.Indices, 4 * n))
                .Select(index => index + part.baseVertex).ToArray();
        }

        public static MeshDataArray AllocateWritableMeshData(int meshCount) => new MeshDataArray(meshCount);

        public static void ApplyAndDisposeWritableMeshData(MeshDataArray data, Mesh mesh, MeshUpdateFlags flags)
        {
            mesh._data = data[0];
            data.Dispose();
        }

        internal override Object Copy() => new Mesh { name = name, bounds = bounds, _data = _data };

        public void RecalculateBounds()
        {
            Vector3[] all = vertices;
            var found = default(Bounds);
            found.SetMinMax(all.Aggregate(Vector3.Min), all.Aggregate(Vector3.Max));
            bounds = found;
        }

        public void UploadMeshData(bool markNoLongerReadable)
        {
        }

        static Vector3 Three(byte[] bytes, int at) => new Vector3(
            BitConverter.ToSingle(bytes, at), BitConverter.ToSingle(bytes, at + 4), BitConverter.ToSingle(bytes, at + 8));

        T[] Read<T>(VertexAttribute attribute, Func<byte[], int, T> read)
        {
            Contents inside = _data.Inside;
            int offset = 0;
            foreach (VertexAttributeDescriptor each in inside.Layout)
            {
                if (each.attribute == attribute)
                {
                    return Enumerable.Range(0, inside.NVertices)
                        .Select(n => read(inside.Vertices, n * inside.Stride + offset)).ToArray();
                }

                offset += BytesOf(each);
            }

            return Array.Empty<T>();
        }

        static int BytesOf(VertexAttributeDescriptor some) =>
            some.dimension * (some.format == VertexAttributeFormat.UNorm8 ? 1 : 4);

        internal sealed class Contents
        {
            internal VertexAttributeDescriptor[] Layout = Array.Empty<VertexAttributeDescriptor>();
            internal int NVertices;
            internal byte[] Vertices = Array.Empty<byte>();
            internal byte[] Indices = Array.Empty<byte>();
            internal IndexFormat Format;
            internal SubMeshDescriptor[] SubMeshes = Array.Empty<SubMeshDescriptor>();
            internal int Stride => Layout.Sum(BytesOf);
        }

        public struct MeshDataArray : IDisposable
        {
            MeshData[] _all;

            internal MeshDataArray(int n)
            {
                _all = Enumerable.Range(0, n).Select(_ => new MeshData(new Contents())).ToArray();
            }

            public int Length => _all.Length;
            public MeshData this[int index] => _all[index];

            public void Dispose()
            {
                _all = null;
            }
        }

        public struct MeshData
        {
            internal readonly Contents Inside;

            internal MeshData(Contents inside)
            {
                Inside = inside;
            }

            public int subMeshCount
            {
                get => Inside.SubMeshes.Length;
                set => Inside.SubMeshes = new SubMeshDescriptor[value];
            }

            public void SetVertexBufferParams(int vertexCount, params VertexAttributeDescriptor[] attributes)
            {
                Inside.Layout = attributes;
                Inside.NVertices = vertexCount;
                Inside.Vertices = new byte[vertexCount * Inside.Stride];
            }

            public void SetIndexBufferParams(int indexCount, IndexFormat format)
            {
                Inside.Format = format;
                Inside.Indices = new byte[indexCount * (format == IndexFormat.UInt16 ? 2 : 4)];
            }

            public NativeArray<T> GetVertexData<T>(int stream = 0) where T : struct
            {
                if (Marshal.SizeOf<T>() != Inside.Stride)
                {
                    throw new InvalidOperationException($"vertices of {Inside.Stride} bytes, read as {typeof(T)} of {Marshal.SizeOf<T>()}");
                }

                return new NativeArray<T>(Inside.Vertices);
            }

            public NativeArray<T> GetIndexData<T>() where T : struct => new NativeArray<T>(Inside.Indices);

            public void SetSubMesh(int index, SubMeshDescriptor desc, MeshUpdateFlags flags = MeshUpdateFlags.Default) =>
                Inside.SubMeshes[index] = desc;
        }
    }
}
