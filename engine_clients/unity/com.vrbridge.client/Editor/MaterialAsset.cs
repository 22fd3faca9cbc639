using System.Collections.Generic;
using UnityEngine;

namespace VRBridge.Editor
{
    /// <summary>Saves a generated material: its maps as pictures, and a material that wears them.</summary>
    internal static class MaterialAsset
    {
        private static readonly string[] _roles = { "base_color", "normal", "orm" };

        /// <summary>Saves it and returns the path of the material.</summary>
        internal static string Save(string prompt, IReadOnlyDictionary<string, GeneratedFile> files)
        {
            var folder = new ProjectFolder(prompt);
            var surface = new Surface(Surface.NewMaterial(folder.Name));
            float tileM = Wear(surface, folder, files, "");
            surface.LayByPosition(1 / tileM);
            return folder.Save(surface.Material, $"{folder.Name}.mat");
        }

        /// <summary>
        /// Saves the maps of a material of that name, puts them on, and returns how many metres one tile covers. Pictures
        /// that Unity imported have their first row at v = 1.
        /// </summary>
        internal static float Wear(
            Surface surface, ProjectFolder folder, IReadOnlyDictionary<string, GeneratedFile> files, string material)
        {
            float tileM = 1;
            foreach (string role in _roles)
            {
                string key = material.Length > 0 ? $"{role} {material}" : role;
                if (!files.TryGetValue(key, out GeneratedFile file))
                {
                    continue;
                }
                string name = ProjectFolder.NameOf($"{folder.Name} {material} {role}");
                surface.Put(role, folder.SavePicture(file, name), isTopDown: false);
                tileM = (float)file.Meta.Number("metres_per_tile", tileM);
            }
            return tileM > 0 ? tileM : 1;
        }
    }
}
