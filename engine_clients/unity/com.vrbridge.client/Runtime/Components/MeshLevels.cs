using System.Collections.Generic;
using UnityEngine;
using Object = UnityEngine.Object;

namespace VRBridge
{
    /// <summary>The levels of detail of a thing below its object, its collider, and who frees them.</summary>
    internal sealed class MeshLevels
    {
        // How much of the view's height the finest level fills when the next one takes over: four times its size away.
        private const float _firstHeight = 0.2165f;

        // Three times the distance is a ninth of the pixels.
        private const float _nextHeight = 1 / 3f;

        private readonly GameObject _owner;
        private readonly LODGroup _group;
        private readonly SortedDictionary<int, Level> _levels = new SortedDictionary<int, Level>();
        // What of them the thing has that is being made.
        private readonly HashSet<int> _brought = new HashSet<int>();
        private bool _isHullBrought;
        private Mesh _hull;

        /// <param name="owner">What the levels hang on.</param>
        internal MeshLevels(GameObject owner)
        {
            _owner = owner;
            _group = owner.TryGetComponent(out LODGroup found) ? found : owner.AddComponent<LODGroup>();
            _group.enabled = false;
        }

        /// <summary>Whether nothing shows.</summary>
        internal bool IsEmpty => _levels.Count == 0;

        /// <summary>The collider; null without one.</summary>
        internal MeshCollider Collider { get; private set; }

        /// <summary>The box of the finest level in the owner's space.</summary>
        internal Bounds Bounds
        {
            get
            {
                foreach (Level each in _levels.Values)
                {
                    return each.Bounds;
                }
                return default;
            }
        }

        /// <summary>Returns the renderer of a level; null if it is not there.</summary>
        internal Renderer RendererOf(int number)
        {
            return _levels.TryGetValue(number, out Level level) ? level.Renderers[0] : null;
        }

        /// <summary>Begins to take another thing; what shows stays until its own is there.</summary>
        internal void Begin()
        {
            _brought.Clear();
            _isHullBrought = false;
        }

        /// <summary>
        /// Frees what the thing of before had and the present one has not, unless there is nothing of it to see.
        /// </summary>
        internal void End(float bias)
        {
            if (_brought.Count == 0)
            {
                return;
            }
            foreach (int number in new List<int>(_levels.Keys))
            {
                if (!_brought.Contains(number))
                {
                    Level before = _levels[number];
                    _levels.Remove(number);
                    before.Free();
                    FreeUnused(before.Surfaces);
                }
            }
            if (!_isHullBrought && Collider != null)
            {
                Object.Destroy(Collider);
                Object.Destroy(_hull);
                Collider = null;
                _hull = null;
            }
            Share(bias);
        }

        /// <summary>Shows a level in place of an older one of the same number.</summary>
        internal void Put(int number, Mesh mesh, Surface[] surfaces, float bias)
        {
            var made = new GameObject($"Lod{number}");
            made.layer = _owner.layer;
            made.transform.SetParent(_owner.transform, false);
            made.AddComponent<MeshFilter>().sharedMesh = mesh;
            MeshRenderer renderer = made.AddComponent<MeshRenderer>();
            renderer.sharedMaterials = System.Array.ConvertAll(surfaces, each => each.Material);
            Keep(number, new Level(made, new Renderer[] { renderer }, mesh, surfaces), bias);
        }

#if VRBRIDGE_GLTFAST
        /// <summary>Shows a level that came as GLB.</summary>
        internal void Put(int number, GltfastFile file, float bias)
        {
            file.Scene.name = $"Lod{number}";
            file.Scene.transform.SetParent(_owner.transform, false);
            file.Scene.SetActive(true);
            Mesh mesh = file.Scene.GetComponentInChildren<MeshFilter>(true).sharedMesh;
            Renderer[] renderers = file.Scene.GetComponentsInChildren<Renderer>(true);
            Keep(number, new Level(file.Scene, renderers, mesh, new Surface[0]) { File = file }, bias);
        }

#endif
        /// <summary>Gives the thing a convex collider in place of an older one.</summary>
        internal void PutCollider(Mesh hull)
        {
            if (Collider == null)
            {
                Collider = _owner.AddComponent<MeshCollider>();
                Collider.convex = true;
            }
            Collider.sharedMesh = hull;
            if (_hull != null)
            {
                Object.Destroy(_hull);
            }
            _hull = hull;
            _isHullBrought = true;
        }

        /// <summary>Frees everything.</summary>
        internal void Free()
        {
            var surfaces = new HashSet<Surface>();
            foreach (Level each in _levels.Values)
            {
                surfaces.UnionWith(each.Surfaces);
                each.Free();
            }
            FreeAll(surfaces);
            _levels.Clear();
            if (_hull != null)
            {
                Object.Destroy(_hull);
            }
        }

        private void Keep(int number, Level level, float bias)
        {
            _levels.TryGetValue(number, out Level before);
            _levels[number] = level;
            _brought.Add(number);
            if (before != null)
            {
                before.Free();
                FreeUnused(before.Surfaces);
            }
            Share(bias);
        }

        // Levels share materials: those of a level that was replaced may still be in use by others.
        private void FreeUnused(IEnumerable<Surface> surfaces)
        {
            var unused = new HashSet<Surface>(surfaces);
            foreach (Level each in _levels.Values)
            {
                unused.ExceptWith(each.Surfaces);
            }
            FreeAll(unused);
        }

        private static void FreeAll(IEnumerable<Surface> surfaces)
        {
            foreach (Surface each in surfaces)
            {
                each.Free();
                Object.Destroy(each.Material);
            }
        }

        // Gives each level that is there its range of sizes on the screen; together they cover all.
        private void Share(float bias)
        {
            var lods = new LOD[_levels.Count];
            int place = 0;
            foreach (KeyValuePair<int, Level> each in _levels)
            {
                bool isLast = place == lods.Length - 1;
                float height = isLast ? 0 : _firstHeight * Mathf.Pow(_nextHeight, each.Key) / bias;
                lods[place++] = new LOD(height, each.Value.Renderers);
            }
            _group.SetLODs(lods);
            Bounds bounds = Bounds;
            _group.localReferencePoint = bounds.center;
            _group.size = Mathf.Max(bounds.size.x, Mathf.Max(bounds.size.y, bounds.size.z));
            _group.enabled = true;
        }

        private sealed class Level
        {
            private readonly GameObject _root;
            private readonly Mesh _mesh;

            internal Level(GameObject root, Renderer[] renderers, Mesh mesh, Surface[] surfaces)
            {
                _root = root;
                _mesh = mesh;
                Renderers = renderers;
                Surfaces = surfaces;
            }

            internal Renderer[] Renderers { get; }

            internal Surface[] Surfaces { get; }

#if VRBRIDGE_GLTFAST
            internal GltfastFile File { get; set; }

#endif
            internal Bounds Bounds => _mesh.bounds;

            internal void Free()
            {
#if VRBRIDGE_GLTFAST
                if (File != null)
                {
                    File.Dispose();
                    return;
                }
#endif
                Object.Destroy(_root);
                Object.Destroy(_mesh);
            }
        }
    }
}
