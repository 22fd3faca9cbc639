using Unity.Collections;
using UnityEngine;

namespace VRBridge
{
    /// <summary>
    /// Tangents of a mesh for its normal map, worked out in slices. Unity's v runs up, as green does in the maps, so the
    /// second direction of the tangent space runs along v.
    /// </summary>
    internal sealed class Tangents
    {
        // Under this, texture coordinates tell no direction.
        private const float _leastSquare = 1e-16f;
        private const float _steep = 0.9f;

        private readonly Vector3[] _alongU;
        private readonly Vector3[] _alongV;
        private int _nSettled;

        internal Tangents(int nVertices)
        {
            _alongU = new Vector3[nVertices];
            _alongV = new Vector3[nVertices];
        }

        /// <summary>Adds what a triangle says about its corners.</summary>
        internal void Gather(NativeArray<ShapeVertex> vertices, int a, int b, int c)
        {
            ShapeVertex first = vertices[a];
            Vector3 edgeB = vertices[b].Position - first.Position;
            Vector3 edgeC = vertices[c].Position - first.Position;
            Vector2 uvB = vertices[b].Uv - first.Uv;
            Vector2 uvC = vertices[c].Uv - first.Uv;
            float area = uvB.x * uvC.y - uvC.x * uvB.y;
            float turn = area < 0 ? -1 : area > 0 ? 1 : 0;
            Vector3 alongU = (edgeB * uvC.y - edgeC * uvB.y) * turn;
            Vector3 alongV = (edgeC * uvB.x - edgeB * uvC.x) * turn;
            Add(a, alongU, alongV);
            Add(b, alongU, alongV);
            Add(c, alongU, alongV);
        }

        /// <summary>Writes the tangents of the next vertices; true once all are written.</summary>
        internal bool Settle(NativeArray<ShapeVertex> vertices, int count)
        {
            int end = Mathf.Min(_nSettled + count, _alongU.Length);
            for (; _nSettled < end; _nSettled++)
            {
                ShapeVertex vertex = vertices[_nSettled];
                vertex.Tangent = Of(vertex.Normal, _alongU[_nSettled], _alongV[_nSettled]);
                vertices[_nSettled] = vertex;
            }
            return _nSettled == _alongU.Length;
        }

        private static Vector4 Of(Vector3 normal, Vector3 alongU, Vector3 alongV)
        {
            Vector3 along = alongU - normal * Vector3.Dot(normal, alongU);
            if (along.sqrMagnitude < _leastSquare)
            {
                // No direction on the surface is better than another where the maps have none.
                along = Vector3.Cross(normal, Mathf.Abs(normal.x) < _steep ? Vector3.right : Vector3.up);
            }
            along /= along.magnitude;
            float side = Vector3.Dot(Vector3.Cross(normal, along), alongV);
            return new Vector4(along.x, along.y, along.z, side < 0 ? -1 : 1);
        }

        private void Add(int vertex, Vector3 alongU, Vector3 alongV)
        {
            _alongU[vertex] += alongU;
            _alongV[vertex] += alongV;
        }
    }
}
