using UnityEngine;
using VRBridge.Core;

namespace VRBridge
{
    /// <summary>
    /// The one place where the wire's axes become Unity's and back: the wire is right-handed with −Z ahead, Unity is
    /// left-handed with +Z ahead, and both have +Y up and metres.
    /// </summary>
    /// <remarks>
    /// Places and turns in the world are mirrored in z. Shapes look along +Z on either side, so what is inside of a mesh
    /// is mirrored in z and turned half about Y, which together mirrors it in x.
    /// </remarks>
    public static class Handedness
    {
        /// <summary>Corners of a triangle of the wire in Unity's order, which goes the other way round.</summary>
        public static readonly int[] Winding = { 0, 2, 1 };

        /// <summary>Returns a position or a direction of the wire's world in Unity's.</summary>
        public static Vector3 FromWire(BridgeVector vector)
        {
            return new Vector3(vector.X, vector.Y, -vector.Z);
        }

        /// <summary>Returns a position or a direction of Unity's world in the wire's.</summary>
        public static BridgeVector ToWire(Vector3 vector)
        {
            return new BridgeVector(vector.x, vector.y, -vector.z);
        }

        /// <summary>Returns a rotation of the wire's world in Unity's.</summary>
        public static Quaternion FromWire(BridgeRotation rotation)
        {
            return new Quaternion(-rotation.X, -rotation.Y, rotation.Z, rotation.W);
        }

        /// <summary>Returns a rotation of Unity's world in the wire's.</summary>
        public static BridgeRotation ToWire(Quaternion rotation)
        {
            return new BridgeRotation(-rotation.x, -rotation.y, rotation.z, rotation.w);
        }

        /// <summary>Returns a pose of Unity's world in the wire's.</summary>
        public static BridgePose ToWire(Vector3 position, Quaternion rotation)
        {
            return new BridgePose(ToWire(position), ToWire(rotation));
        }

        /// <summary>Returns where a transform is, in the wire's world.</summary>
        public static BridgePose ToWire(Transform transform)
        {
            return ToWire(transform.position, transform.rotation);
        }

        /// <summary>Returns a corner or a normal of a mesh of the wire in Unity's axes.</summary>
        public static Vector3 ShapeFromWire(float x, float y, float z)
        {
            return new Vector3(-x, y, z);
        }

        /// <summary>
        /// Returns a texture coordinate of the wire, whose v runs down from the first row, in Unity's, whose v runs up.
        /// </summary>
        public static Vector2 UvFromWire(float u, float v)
        {
            return new Vector2(u, 1 - v);
        }
    }
}
