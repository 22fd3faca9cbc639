using System.Runtime.InteropServices;
using UnityEngine;
using UnityEngine.Rendering;

namespace VRBridge
{
    /// <summary>A vertex of a mesh as it lies in the graphics card's memory.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct ShapeVertex
    {
        internal Vector3 Position;
        internal Vector3 Normal;
        internal Vector4 Tangent;
        internal Color32 Color;
        internal Vector2 Uv;

        /// <summary>Returns what the fields above are, in their order.</summary>
        internal static VertexAttributeDescriptor[] Layout()
        {
            return new[]
            {
                new VertexAttributeDescriptor(VertexAttribute.Position, VertexAttributeFormat.Float32, 3),
                new VertexAttributeDescriptor(VertexAttribute.Normal, VertexAttributeFormat.Float32, 3),
                new VertexAttributeDescriptor(VertexAttribute.Tangent, VertexAttributeFormat.Float32, 4),
                new VertexAttributeDescriptor(VertexAttribute.Color, VertexAttributeFormat.UNorm8, 4),
                new VertexAttributeDescriptor(VertexAttribute.TexCoord0, VertexAttributeFormat.Float32, 2),
            };
        }
    }
}
