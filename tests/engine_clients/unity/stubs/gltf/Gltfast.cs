// The part of glTFast that loads one file.
using System;
using System.Threading;
using System.Threading.Tasks;
using UnityEngine;

namespace GLTFast
{
    public class ImportSettings
    {
    }

    public abstract class GltfImportBase : IDisposable
    {
        public Task<bool> Load(byte[] data, Uri uri = null, ImportSettings importSettings = null, CancellationToken cancellationToken = default) =>
            Task.FromResult(data.Length > 20 && data[0] == 'g' && data[1] == 'l');

        public Task<bool> InstantiateMainSceneAsync(Transform parent, CancellationToken cancellationToken = default)
        {
            var made = new GameObject("Scene");
            made.transform.SetParent(parent, false);
            made.AddComponent<MeshFilter>().sharedMesh = new Mesh();
            made.AddComponent<MeshRenderer>();
            return Task.FromResult(true);
        }

        public void Dispose()
        {
        }
    }

    public class GltfImport : GltfImportBase
    {
    }
}
