#if VRBRIDGE_GLTFAST
using System;
using GLTFast;
using UnityEngine;

namespace VRBridge
{
    /// <summary>A mesh that travels as GLB, read by glTFast where the project has it.</summary>
    internal sealed class GltfastFile : IDisposable
    {
        private readonly GltfImport _import = new GltfImport();

        private GltfastFile()
        {
        }

        /// <summary>What it shows; destroyed by whoever takes it, before this is disposed of.</summary>
        internal GameObject Scene { get; private set; }

        /// <summary>
        /// Reads a file and puts what it shows into a new object. glTFast spreads its work over frames; uploads are its
        /// own, outside of the frame budget.
        /// </summary>
        internal static async void Load(byte[] data, string name, Action<GltfastFile> finish, Action<string> fail)
        {
            var file = new GltfastFile();
            try
            {
                file.Scene = new GameObject(name);
                file.Scene.SetActive(false);
                if (await file._import.Load(data) && await file._import.InstantiateMainSceneAsync(file.Scene.transform))
                {
                    finish(file);
                    return;
                }
                file.Dispose();
                fail("no GLB file");
            }
            // Nobody awaits it, so nobody else could tell.
            catch (Exception error)
            {
                file.Dispose();
                fail(error.Message);
            }
        }

        /// <summary>Frees its meshes and materials, and what shows them.</summary>
        public void Dispose()
        {
            if (Scene != null)
            {
                UnityEngine.Object.Destroy(Scene);
            }
            _import.Dispose();
        }
    }
}
#endif
