using System.Collections.Generic;
using System.IO;
using UnityEditor;
using UnityEngine;
using VRBridge.Core;

namespace VRBridge.Editor
{
    /// <summary>Saves a generated prop: its meshes, its materials, and a prefab of its levels and its collider.</summary>
    internal static class MeshAsset
    {
        private const int _maxLevels = 4;

        /// <summary>Saves it and returns the path of the prefab.</summary>
        internal static string Save(string prompt, IReadOnlyDictionary<string, GeneratedFile> files)
        {
            var folder = new ProjectFolder(prompt);
            var root = new GameObject(folder.Name);
            try
            {
                Build(root, folder, files);
                string path = folder.PathOf($"{folder.Name}.prefab");
                PrefabUtility.SaveAsPrefabAsset(root, path);
                return path;
            }
            finally
            {
                Object.DestroyImmediate(root);
            }
        }

        private static void Build(GameObject root, ProjectFolder folder, IReadOnlyDictionary<string, GeneratedFile> files)
        {
            var levels = new MeshLevels(root);
            var surfaces = new Dictionary<string, Surface>();
            for (int number = 0; number < _maxLevels; number++)
            {
                if (files.TryGetValue($"lod{number}", out GeneratedFile file))
                {
                    ShapeBuilder builder = Read(file);
                    Mesh mesh = builder.Apply(file.Role);
                    folder.Save(mesh, $"{folder.Name}-{file.Role}.asset");
                    levels.Put(number, mesh, SurfacesOf(builder, surfaces, folder, files), 1);
                }
            }
            if (files.TryGetValue("collider", out GeneratedFile hull))
            {
                Mesh mesh = Read(hull).Apply(hull.Role);
                folder.Save(mesh, $"{folder.Name}-collider.asset");
                levels.PutCollider(mesh);
            }
        }

        private static ShapeBuilder Read(GeneratedFile file)
        {
            if (!MeshArrays.TryRead(file.Data, out MeshArrays arrays, out string error))
            {
                throw new InvalidDataException($"the {file.Role} mesh can't be read: {error}");
            }
            return new ShapeBuilder(arrays, Mesh.AllocateWritableMeshData(1)).Finished();
        }

        private static Surface[] SurfacesOf(
            ShapeBuilder builder,
            Dictionary<string, Surface> known,
            ProjectFolder folder,
            IReadOnlyDictionary<string, GeneratedFile> files)
        {
            var surfaces = new Surface[builder.Materials.Count];
            for (int index = 0; index < surfaces.Length; index++)
            {
                BridgeMap facts = builder.Materials[index];
                string name = facts.Text("name");
                if (!known.TryGetValue(name, out Surface made))
                {
                    made = NewSurface(facts, folder, files);
                    known[name] = made;
                }
                surfaces[index] = made;
            }
            return surfaces;
        }

        private static Surface NewSurface(
            BridgeMap facts, ProjectFolder folder, IReadOnlyDictionary<string, GeneratedFile> files)
        {
            string name = facts.Text("name");
            Surface made = MeshLoader.NewSurface(facts, null);
            float tileM = MaterialAsset.Wear(made, folder, files, name);
            if (made.IsMapped)
            {
                made.DropFactors();
                made.LayByUv(Vector2.one / tileM);
            }
            folder.Save(made.Material, $"{ProjectFolder.NameOf($"{folder.Name} {name}")}.mat");
            return made;
        }
    }
}
