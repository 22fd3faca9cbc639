using System;
using System.Collections.Generic;
using Unity.Collections;
using UnityEngine;
using UnityEngine.Rendering;
using VRBridge.Core;

namespace VRBridge
{
    /// <summary>
    /// Fills Unity's buffers with a mesh that travels as bare arrays: on any thread, or in slices that fit into frames.
    /// </summary>
    internal sealed class ShapeBuilder
    {
        // Vertices or triangles of one slice: about a third of a millisecond on a phone.
        private const int _slice = 1024;

        private readonly Mesh.MeshDataArray _target;
        private readonly List<BridgeMap> _materials = new List<BridgeMap>();
        private BridgeAsset _asset;
        private Mesh.MeshData _data;
        private MeshArrays _arrays;
        private float[] _positions;
        private float[] _normals;
        private float[] _uv;
        private Tangents _tangents;
        private Bounds _bounds;
        private int _nVertices;
        private int _nTriangles;
        private bool _isRead;

        /// <param name="asset">Complete; its bytes are given back once they were read.</param>
        /// <param name="target">One writable mesh; the caller applies it, or disposes of it.</param>
        internal ShapeBuilder(BridgeAsset asset, Mesh.MeshDataArray target)
        {
            _asset = asset;
            _target = target;
        }

        /// <param name="arrays">What the mesh is made of.</param>
        /// <param name="target">One writable mesh; the caller applies it, or disposes of it.</param>
        internal ShapeBuilder(MeshArrays arrays, Mesh.MeshDataArray target)
        {
            _arrays = arrays;
            _target = target;
        }

        /// <summary>What is wrong with the data; null if nothing is.</summary>
        internal string Error { get; private set; }

        /// <summary>Material of each submesh, as the wire has it.</summary>
        internal IReadOnlyList<BridgeMap> Materials => _materials;

        /// <summary>Does all of it, and returns itself.</summary>
        internal ShapeBuilder Finished()
        {
            while (!Step())
            {
            }
            return this;
        }

        /// <summary>Does a slice; true once <see cref="Apply"/> can be called or there is an <see cref="Error"/>.</summary>
        internal bool Step()
        {
            if (!_isRead)
            {
                _isRead = true;
                return !Read();
            }
            if (_nVertices < _arrays.NVertices)
            {
                FillVertices(Math.Min(_nVertices + _slice, _arrays.NVertices));
                return false;
            }
            if (_nTriangles < _arrays.NIndices / 3)
            {
                FillTriangles(Math.Min(_nTriangles + _slice, _arrays.NIndices / 3));
                return false;
            }
            if (!_tangents.Settle(_data.GetVertexData<ShapeVertex>(), _slice))
            {
                return false;
            }
            Finish();
            return true;
        }

        /// <summary>Makes it a mesh; on the main thread, once.</summary>
        internal Mesh Apply(string name)
        {
            var mesh = new Mesh { name = name, hideFlags = HideFlags.DontSave };
            Mesh.ApplyAndDisposeWritableMeshData(
                _target, mesh, MeshUpdateFlags.DontValidateIndices | MeshUpdateFlags.DontRecalculateBounds);
            mesh.bounds = _bounds;
            return mesh;
        }

        private bool Read()
        {
            if (_asset != null)
            {
                bool isRead = MeshArrays.TryRead(_asset.Span, out _arrays, out string error);
                _asset.Release();
                _asset = null;
                if (!isRead)
                {
                    Error = error;
                    return false;
                }
            }
            _positions = _arrays.Positions.ToArray();
            _normals = _arrays.Normals.ToArray();
            _uv = _arrays.Uv.ToArray();
            _data = _target[0];
            _tangents = new Tangents(_arrays.NVertices);
            _data.SetVertexBufferParams(_arrays.NVertices, ShapeVertex.Layout());
            _data.SetIndexBufferParams(_arrays.NIndices, IsShort ? IndexFormat.UInt16 : IndexFormat.UInt32);
            return true;
        }

        private bool IsShort => _arrays.NVertices <= ushort.MaxValue + 1;

        private void FillVertices(int end)
        {
            NativeArray<ShapeVertex> vertices = _data.GetVertexData<ShapeVertex>();
            byte[] colors = _arrays.Colors;
            for (; _nVertices < end; _nVertices++)
            {
                int three = 3 * _nVertices;
                int four = 4 * _nVertices;
                vertices[_nVertices] = new ShapeVertex
                {
                    Position = Handedness.ShapeFromWire(_positions[three], _positions[three + 1], _positions[three + 2]),
                    Normal = Handedness.ShapeFromWire(_normals[three], _normals[three + 1], _normals[three + 2]),
                    Color = new Color32(colors[four], colors[four + 1], colors[four + 2], colors[four + 3]),
                    Uv = Handedness.UvFromWire(_uv[2 * _nVertices], _uv[2 * _nVertices + 1]),
                };
            }
        }

        private void FillTriangles(int end)
        {
            NativeArray<ShapeVertex> vertices = _data.GetVertexData<ShapeVertex>();
            for (; _nTriangles < end; _nTriangles++)
            {
                int first = 3 * _nTriangles;
                int a = _arrays.Index(first + Handedness.Winding[0]);
                int b = _arrays.Index(first + Handedness.Winding[1]);
                int c = _arrays.Index(first + Handedness.Winding[2]);
                if (IsShort)
                {
                    NativeArray<ushort> indices = _data.GetIndexData<ushort>();
                    indices[first] = (ushort)a;
                    indices[first + 1] = (ushort)b;
                    indices[first + 2] = (ushort)c;
                }
                else
                {
                    NativeArray<int> indices = _data.GetIndexData<int>();
                    indices[first] = a;
                    indices[first + 1] = b;
                    indices[first + 2] = c;
                }
                _tangents.Gather(vertices, a, b, c);
            }
        }

        private void Finish()
        {
            Vector3 corner = Handedness.ShapeFromWire(_arrays.Min.X, _arrays.Min.Y, _arrays.Min.Z);
            Vector3 opposite = Handedness.ShapeFromWire(_arrays.Max.X, _arrays.Max.Y, _arrays.Max.Z);
            _bounds.SetMinMax(Vector3.Min(corner, opposite), Vector3.Max(corner, opposite));
            _data.subMeshCount = _arrays.Surfaces.Count;
            const MeshUpdateFlags flags = MeshUpdateFlags.DontValidateIndices | MeshUpdateFlags.DontRecalculateBounds;
            for (int index = 0; index < _arrays.Surfaces.Count; index++)
            {
                MeshSurface surface = _arrays.Surfaces[index];
                // What is drawn is found by these bounds, which need not be tighter than the mesh's.
                var part = new SubMeshDescriptor(surface.Start, surface.Count)
                {
                    bounds = _bounds,
                    firstVertex = 0,
                    vertexCount = _arrays.NVertices,
                };
                _data.SetSubMesh(index, part, flags);
                _materials.Add(surface.Material);
            }
        }
    }
}
