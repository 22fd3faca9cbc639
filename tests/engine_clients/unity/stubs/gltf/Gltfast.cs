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

    public class GltfImport : IDisposable
    {
        public Task<bool> Load(byte[] data, Uri uri = null, ImportSettings importSettings = null, CancellationToken cancellationToken = default) =>
            Task.FromResult(data.Length > 20 && data[0] == 'g' && data[1] == 'l');

        public Mesh[] GetMeshes() => new[] { new Mesh() };
        public Task<bool> InstantiateMainSceneAsync(Transform parent, CancellationToken cancellationToken = default)
        {
            var made = new GameObject("Scene");
            made.transform.SetParent(parent, false);
            made.AddComponent<MeshFilter>();
            made.AddComponent<MeshRenderer>();
            return Task.FromResult(true);
        }

        public void Dispose()
        {
        }
    }
}
