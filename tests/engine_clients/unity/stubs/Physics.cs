// Colliders that a ray can hit: spheres, and boxes of any turn.
using System;
using System.Collections.Generic;
using System.Linq;

namespace UnityEngine
{
    public class Collider : Component
    {
        public bool enabled { get; set; } = true;
        public bool isTrigger { get; set; }

        internal virtual float Hit(Vector3 from, Vector3 along) => float.PositiveInfinity;
    }

    public class BoxCollider : Collider
    {
        public Vector3 center { get; set; }
        public Vector3 size { get; set; } = Vector3.one;

        internal override float Hit(Vector3 from, Vector3 along)
        {
            Vector3 start = transform.InverseTransformPoint(from) - center;
            Vector3 step = transform.InverseTransformPoint(from + along) - center - start;
            float near = float.NegativeInfinity, far = float.PositiveInfinity;
            foreach ((float s, float d, float half) in new[]
            {
                (start.x, step.x, size.x / 2), (start.y, step.y, size.y / 2), (start.z, step.z, size.z / 2),
            })
            {
                float a = (-half - s) / d, b = (half - s) / d;
                near = MathF.Max(near, MathF.Min(a, b));
                far = MathF.Min(far, MathF.Max(a, b));
            }

            return near > 0 && near <= far ? near : float.PositiveInfinity;
        }
    }

    public class SphereCollider : Collider
    {
        public Vector3 center { get; set; }
        public float radius { get; set; } = 0.5f;

        internal override float Hit(Vector3 from, Vector3 along)
        {
            Vector3 away = from - transform.TransformPoint(center);
            float b = Vector3.Dot(away, along);
            float inside = b * b - (away.sqrMagnitude - radius * radius);
            float distance = -b - MathF.Sqrt(MathF.Max(inside, 0));
            return inside >= 0 && distance > 0 ? distance : float.PositiveInfinity;
        }
    }

    public class CapsuleCollider : Collider
    {
        public Vector3 center { get; set; }
        public float radius { get; set; } = 0.5f;
        public float height { get; set; } = 2;
    }

    public class MeshCollider : Collider
    {
        public Mesh sharedMesh { get; set; }
        public bool convex { get; set; }
    }

    public enum QueryTriggerInteraction
    {
        UseGlobal = 0,
        Ignore = 1,
        Collide = 2,
    }

    public struct RaycastHit
    {
        internal Collider Found;

        public Collider collider => Found;
        public Transform transform => Found.transform;
        public Vector3 point { get; set; }
        public float distance { get; set; }
    }

    public struct LayerMask
    {
        public int value { get; set; }
        public static implicit operator int(LayerMask mask) => mask.value;
        public static implicit operator LayerMask(int intVal) => new LayerMask { value = intVal };
    }

    public class Physics
    {
        internal static readonly List<int> Baked = new List<int>();
        internal static int BakedOn;

        public static bool Raycast(
            Vector3 origin, Vector3 direction, out RaycastHit hitInfo, float maxDistance, int layerMask, QueryTriggerInteraction queryTriggerInteraction)
        {
            Vector3 along = direction.normalized;
            var found = GameObject.All
                .Where(each => each.activeInHierarchy && (layerMask & (1 << each.layer)) != 0)
                .SelectMany(each => each.Components.OfType<Collider>()).Where(each => each.enabled)
                .Select(each => (Collider: each, Distance: each.Hit(origin, along)))
                .OrderBy(each => each.Distance).FirstOrDefault();
            bool isHit = found.Collider != null && found.Distance <= maxDistance;
            hitInfo = isHit
                ? new RaycastHit { Found = found.Collider, distance = found.Distance, point = origin + along * found.Distance }
                : default;
            return isHit;
        }

#if UNITY_6000_3_OR_NEWER
        public static void BakeMesh(EntityId meshEntityId, bool convex)
        {
            int meshID = meshEntityId.Number;
#else
        public static void BakeMesh(int meshID, bool convex)
        {
#endif
            lock (Baked)
            {
                Baked.Add(meshID);
                BakedOn = Environment.CurrentManagedThreadId;
            }
        }
    }
}
