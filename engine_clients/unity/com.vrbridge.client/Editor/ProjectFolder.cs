using System.IO;
using System.Text;
using UnityEditor;
using UnityEngine;

namespace VRBridge.Editor
{
    /// <summary>A folder of the project into which one generated thing is saved.</summary>
    internal sealed class ProjectFolder
    {
        private const string _root = "Assets";
        private const string _parent = "vrbridge";
        private const int _maxNameLetters = 40;

        private readonly string _path;

        /// <param name="prompt">What the folder is named after; a number is added if there is one already.</param>
        internal ProjectFolder(string prompt)
        {
            Name = NameOf(prompt);
            if (!AssetDatabase.IsValidFolder($"{_root}/{_parent}"))
            {
                AssetDatabase.CreateFolder(_root, _parent);
            }
            _path = AssetDatabase.GUIDToAssetPath(AssetDatabase.CreateFolder($"{_root}/{_parent}", Name));
        }

        /// <summary>Name of the thing, as files have it.</summary>
        internal string Name { get; }

        /// <summary>Returns the path of a file in it.</summary>
        internal string PathOf(string file)
        {
            return $"{_path}/{file}";
        }

        /// <summary>Saves a picture and has it imported for what it is for.</summary>
        internal Texture2D SavePicture(GeneratedFile file, string name)
        {
            string path = PathOf($"{name}.png");
            File.WriteAllBytes(path, file.Data);
            AssetDatabase.ImportAsset(path);
            var importer = (TextureImporter)AssetImporter.GetAtPath(path);
            importer.textureType = file.Role == "normal" ? TextureImporterType.NormalMap : TextureImporterType.Default;
            importer.sRGBTexture = file.Role == "base_color";
            importer.wrapMode = TextureWrapMode.Repeat;
            importer.SaveAndReimport();
            return AssetDatabase.LoadAssetAtPath<Texture2D>(path);
        }

        /// <summary>Saves an object as an asset.</summary>
        internal string Save(Object made, string file)
        {
            made.hideFlags = HideFlags.None;
            string path = PathOf(file);
            AssetDatabase.CreateAsset(made, path);
            return path;
        }

        /// <summary>Returns a name for files: lower case, with hyphens.</summary>
        internal static string NameOf(string prompt)
        {
            var name = new StringBuilder();
            foreach (char letter in prompt.ToLowerInvariant())
            {
                if (char.IsLetterOrDigit(letter))
                {
                    name.Append(letter);
                }
                else if (name.Length > 0 && name[name.Length - 1] != '-')
                {
                    name.Append('-');
                }
                if (name.Length == _maxNameLetters)
                {
                    break;
                }
            }
            string trimmed = name.ToString().Trim('-');
            return trimmed.Length > 0 ? trimmed : "thing";
        }
    }
}
