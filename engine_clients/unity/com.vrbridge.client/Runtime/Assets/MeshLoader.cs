using System;
using System.Collections.Generic;
using UnityEngine;
using VRBridge.Core;

namespace VRBridge
{
    /// <summary>Turns the assets of a mesh request into levels, a collider and the maps of their materials.</summary>
    internal sealed class MeshLoader
    {
        private const string _colliderRole = "collider";
        private const string _levelRole = "lod";

        private readonly Background _background;
        private readonly Material _template;
        private readonly Dictionary<string, Surface> _surfaces = new Dictionary<string, Surface>();
        // What holds the maps of a material until all of them are there.
        private readonly Dictionary<string, Surface> _standIns = new Dictionary<string, Surface>();
        private readonly Dictionary<string, MapLoader> _maps = new Dictionary<string, MapLoader>();
        // Number of the newest asset of each role that is ready.
        private readonly Dictionary<string, long> _newest = new Dictionary<string, long>();
        private int _round;
        private int _nLoading;
        private bool _isComplete;
        private bool _isReplaced;

        /// <param name="background">Where arrays are read.</param>
        /// <param name="template">What materials are copies of; null for the package's own.</param>
        internal MeshLoader(Background background, Material template)
        {
            _background = background;
            _template = template;
        }

        /// <summary>A level is ready to be shown, 0 being the finest: its mesh, and the surface of each submesh.</summary>
        internal event Action<int, Mesh, Surface[]> LevelLoaded;

#if VRBRIDGE_GLTFAST
        /// <summary>A level that came as GLB is ready to be shown, 0 being the finest.</summary>
        internal event Action<int, GltfastFile> FileLoaded;

#endif
        /// <summary>The convex collider's mesh is ready.</summary>
        internal event Action<Mesh> ColliderLoaded;

        /// <summary>Everything that came was loaded.</summary>
        internal event Action Finished;

        /// <summary>An asset can't be read.</summary>
        internal event Action<BridgeError> Unreadable;

        /// <summary>Formats of meshes that can be read, best first.</summary>
        internal static IReadOnlyList<string> Formats
        {
            get
            {
#if VRBRIDGE_GLTFAST
                return new[] { "arrays", "glb" };
#else
                return new[] { "arrays" };
#endif
            }
        }

        /// <summary>Returns a surface that looks as the facts about a material say, without maps.</summary>
        internal static Surface NewSurface(BridgeMap facts, Material template)
        {
            var made = new Surface(Surface.NewMaterial(facts.Text("name"), template));
            BridgeList factor = facts.ListOf("base_color");
            Color color = factor.Count == 4
                ? new Color(Number(factor, 0), Number(factor, 1), Number(factor, 2), Number(factor, 3))
                : Color.white;
            made.SetFactors(color, (float)facts.Number("metallic"), (float)facts.Number("roughness", 1));
            return made;
        }

        /// <summary>Takes note of more bytes of a map.</summary>
        internal void Grow(BridgeAsset asset)
        {
            if (Textures.IsPicture(asset))
            {
                MapsOf(asset).Grow(asset);
            }
        }

        /// <summary>Takes a complete asset, whose bytes are given back.</summary>
        internal void Take(BridgeAsset asset)
        {
            if (Textures.IsPicture(asset))
            {
                MapsOf(asset).Take(asset);
                return;
            }
            _nLoading++;
            if (asset.MediaType == MeshArrays.MediaType)
            {
                TakeArrays(asset);
                return;
            }
#if VRBRIDGE_GLTFAST
            TakeGlb(asset);
#else
            asset.Release();
            Fail(asset, asset.MediaType);
            EndOne();
#endif
        }

        /// <summary>Says that everything has come.</summary>
        internal void Complete()
        {
            _isComplete = true;
            // Maps that are there already end at once; it is over when all were counted.
            _nLoading++;
            foreach (MapLoader maps in new List<MapLoader>(_maps.Values))
            {
                _nLoading++;
                maps.Complete();
            }
            EndOne();
        }

        /// <summary>Forgets what came, since it comes once more, or nobody wants it any more.</summary>
        internal void Restart()
        {
            _round++;
            foreach (MapLoader maps in _maps.Values)
            {
                maps.Abandon();
            }
            foreach (Surface standIn in _standIns.Values)
            {
                standIn.Free();
                UnityEngine.Object.Destroy(standIn.Material);
            }
            _maps.Clear();
            _standIns.Clear();
            _newest.Clear();
            _nLoading = 0;
            _isComplete = false;
            _isReplaced = false;
        }

        private void TakeArrays(BridgeAsset asset)
        {
            int round = _round;
            Mesh.MeshDataArray target = Mesh.AllocateWritableMeshData(1);
            var builder = new ShapeBuilder(asset, target);
            void Use() => Place(asset, builder, target, round);
            if (Background.HasThreads)
            {
                _background.Run(builder.Finished, _ => Use(), error => Drop(asset, target, round, error.Message));
                return;
            }
            _background.Budget.Add(() =>
            {
                if (!builder.Step())
                {
                    return false;
                }
                _background.Budget.AddHeavy(Use);
                return true;
            });
        }

#if VRBRIDGE_GLTFAST
        private void TakeGlb(BridgeAsset asset)
        {
            int round = _round;
            byte[] data = asset.Span.ToArray();
            asset.Release();
            GltfastFile.Load(data, asset.Role, file => PlaceFile(asset, file, round), reason =>
            {
                if (round == _round)
                {
                    Fail(asset, reason);
                    EndOne();
                }
            });
        }

        private void PlaceFile(BridgeAsset asset, GltfastFile file, int round)
        {
            if (round != _round)
            {
                file.Dispose();
                return;
            }
            if (!IsNewest(asset))
            {
                file.Dispose();
                EndOne();
                return;
            }
            if (asset.Role == _colliderRole)
            {
                // The hull is copied, so that the file can go, which is inactive as long as nobody shows it.
                Mesh read = file.Scene.GetComponentInChildren<MeshFilter>(true).sharedMesh;
                Mesh hull = UnityEngine.Object.Instantiate(read);
                file.Dispose();
                Bake(asset, hull, round);
                return;
            }
            FileLoaded?.Invoke(LevelOf(asset), file);
            EndOne();
        }

#endif
        private void Place(BridgeAsset asset, ShapeBuilder builder, Mesh.MeshDataArray target, int round)
        {
            if (round != _round || builder.Error != null || !IsNewest(asset))
            {
                Drop(asset, target, round, builder.Error);
                return;
            }
            Mesh mesh = builder.Apply(asset.Role);
            if (asset.Role == _colliderRole)
            {
                Bake(asset, mesh, round);
                return;
            }
            NoteReplacement(asset);
            var surfaces = new Surface[builder.Materials.Count];
            for (int index = 0; index < surfaces.Length; index++)
            {
                surfaces[index] = SurfaceOf(builder.Materials[index]);
            }
            LevelLoaded?.Invoke(LevelOf(asset), mesh, surfaces);
            EndOne();
        }

        // Cooking a convex hull takes milliseconds, and needs no main thread.
        private void Bake(BridgeAsset asset, Mesh mesh, int round)
        {
#if UNITY_6000_3_OR_NEWER
            EntityId id = mesh.GetEntityId();
#else
            int id = mesh.GetInstanceID();
#endif
            _background.Run(
                () =>
                {
                    Physics.BakeMesh(id, true);
                    return mesh;
                },
                baked => TellCollider(asset, baked, round),
                error => TellCollider(asset, mesh, round));
        }

        private void TellCollider(BridgeAsset asset, Mesh mesh, int round)
        {
            if (round != _round)
            {
                UnityEngine.Object.Destroy(mesh);
                return;
            }
            if (IsNewest(asset))
            {
                ColliderLoaded?.Invoke(mesh);
            }
            else
            {
                UnityEngine.Object.Destroy(mesh);
            }
            EndOne();
        }

        // A refined model may be ready before the first one, which then must not take its place.
        private bool IsNewest(BridgeAsset asset)
        {
            if (_newest.TryGetValue(asset.Role, out long number) && asset.Number < number)
            {
                return false;
            }
            _newest[asset.Role] = asset.Number;
            return true;
        }

        private void Drop(BridgeAsset asset, Mesh.MeshDataArray target, int round, string reason)
        {
            target.Dispose();
            asset.Release();
            if (round != _round)
            {
                return;
            }
            if (reason != null)
            {
                Fail(asset, reason);
            }
            EndOne();
        }

        // Another generator's model may have a material of the same name that looks different.
        private void NoteReplacement(BridgeAsset asset)
        {
            if (!_isReplaced && asset.Meta.Contains("replaces"))
            {
                _isReplaced = true;
                _surfaces.Clear();
            }
        }

        private Surface SurfaceOf(BridgeMap facts)
        {
            string name = facts.Text("name");
            if (_surfaces.TryGetValue(name, out Surface made))
            {
                return made;
            }
            made = NewSurface(facts, _template);
            _surfaces[name] = made;
            return made;
        }

        private static float Number(BridgeList list, int index)
        {
            return (float)list[index].AsNumber(1);
        }

        private MapLoader MapsOf(BridgeAsset asset)
        {
            string name = asset.Meta.Text("material");
            if (_maps.TryGetValue(name, out MapLoader maps))
            {
                return maps;
            }
            _standIns[name] = new Surface(Surface.NewMaterial(name));
            maps = new MapLoader(_standIns[name], _background.Budget);
            maps.Swapped += () => Bind(name);
            maps.Unreadable += error => Unreadable?.Invoke(error);
            _maps[name] = maps;
            return maps;
        }

        // Puts complete maps on a material, whose colours stood in for them.
        private void Bind(string name)
        {
            Surface standIn = _standIns[name];
            Surface textured = SurfaceOf(new BridgeMap { { "name", name } });
            // Without a base colour those of the vertices stay.
            bool isMapped = standIn.IsMapped;
            textured.TakeFrom(standIn);
            standIn.Free();
            if (isMapped)
            {
                textured.DropFactors();
            }
            float metres = _maps[name].MetresPerTile;
            textured.LayByUv(Vector2.one / (metres > 0 ? metres : 1));
            UnityEngine.Object.Destroy(standIn.Material);
            _standIns.Remove(name);
            EndOne();
        }

        private static int LevelOf(BridgeAsset asset)
        {
            return asset.Role.StartsWith(_levelRole, StringComparison.Ordinal)
                && int.TryParse(asset.Role.Substring(_levelRole.Length), out int number)
                ? number
                : 0;
        }

        private void Fail(BridgeAsset asset, string reason)
        {
            Unreadable?.Invoke(new BridgeError(
                "unreadable", $"The `{asset.Role}` mesh can't be read: {reason}.", true));
        }

        private void EndOne()
        {
            _nLoading--;
            FinishIfReady();
        }

        private void FinishIfReady()
        {
            if (_isComplete && _nLoading == 0)
            {
                _isComplete = false;
                Finished?.Invoke();
            }
        }
    }
}
