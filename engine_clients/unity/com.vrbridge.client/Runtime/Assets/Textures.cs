using UnityEngine;
using UnityEngine.Experimental.Rendering;
using VRBridge.Core;

namespace VRBridge
{
    /// <summary>Textures out of assets. Blocks go to the graphics card as they came; nothing is decoded.</summary>
    internal static class Textures
    {
        private const int _anisotropy = 4;

        /// <summary>Whether an asset is a picture.</summary>
        internal static bool IsPicture(BridgeAsset asset)
        {
            return asset.MediaType.StartsWith("image/", System.StringComparison.Ordinal);
        }

        /// <summary>
        /// Uploads a level of a file with all smaller ones; null, with an error, if it can't be shown. Its first row is
        /// at v = 0.
        /// </summary>
        internal static Texture2D FromBlocks(Ktx2File file, BridgeAsset asset, int fromLevel, out string error)
        {
            bool isColor = asset.Meta.Text("color_space") == "srgb";
            GraphicsFormat format = TextureFormats.Of(file.VkFormat, isColor);
            error = null;
            if (format == GraphicsFormat.None)
            {
                error = $"vkFormat {file.VkFormat}, which this machine can't show";
                return null;
            }
            if (fromLevel < 0 || fromLevel >= file.NLevels)
            {
                error = "it is cut short";
                return null;
            }
            var texture = new Texture2D(
                file.LevelWidthPx(fromLevel),
                file.LevelHeightPx(fromLevel),
                format,
                file.NLevels - fromLevel,
                TextureCreationFlags.MipChain | TextureCreationFlags.DontUploadUponCreate);
            for (int level = fromLevel; level < file.NLevels; level++)
            {
                texture.SetPixelData(asset.Buffer, level - fromLevel, file.LevelStart(level));
            }
            texture.Apply(false, true);
            return Prepared(texture, asset.Role);
        }

        /// <summary>
        /// Decodes the small picture that comes before the maps; null if its bytes make none. It is the only thing that
        /// is decoded on the main thread, and too small to be felt. Its first row is at v = 1.
        /// </summary>
        internal static Texture2D FromPreview(BridgeAsset asset)
        {
            var texture = new Texture2D(2, 2, GraphicsFormat.R8G8B8A8_SRGB, TextureCreationFlags.MipChain);
            if (!texture.LoadImage(asset.Span.ToArray(), true))
            {
                Object.Destroy(texture);
                return null;
            }
            return Prepared(texture, asset.Role);
        }

        private static Texture2D Prepared(Texture2D texture, string name)
        {
            texture.name = name;
            texture.hideFlags = HideFlags.DontSave;
            texture.wrapMode = TextureWrapMode.Repeat;
            texture.filterMode = FilterMode.Trilinear;
            texture.anisoLevel = _anisotropy;
            return texture;
        }
    }
}
