using System.Collections.Generic;
using UnityEngine;
using UnityEngine.Experimental.Rendering;

namespace VRBridge
{
    /// <summary>Formats of textures: what this machine shows without decoding, and how Unity calls what comes.</summary>
    public static class TextureFormats
    {
        // BC is made fastest, so it comes first where a machine knows several; phones and headsets know the other two.
        private static readonly (string Name, GraphicsFormat Format)[] _preferred =
        {
            ("bc1", GraphicsFormat.RGBA_DXT1_SRGB),
            ("bc5", GraphicsFormat.RG_BC5_UNorm),
            ("etc2", GraphicsFormat.RGB_ETC2_SRGB),
            ("astc4x4", GraphicsFormat.RGBA_ASTC4X4_SRGB),
        };

        // By vkFormat: what holds numbers, and what holds colours.
        private static readonly Dictionary<int, (GraphicsFormat Linear, GraphicsFormat Color)> _ofFile =
            new Dictionary<int, (GraphicsFormat Linear, GraphicsFormat Color)>
            {
                { 9, (GraphicsFormat.R8_UNorm, GraphicsFormat.None) },
                { 16, (GraphicsFormat.R8G8_UNorm, GraphicsFormat.None) },
                { 37, (GraphicsFormat.R8G8B8A8_UNorm, GraphicsFormat.R8G8B8A8_SRGB) },
                { 131, (GraphicsFormat.RGBA_DXT1_UNorm, GraphicsFormat.RGBA_DXT1_SRGB) },
                { 133, (GraphicsFormat.RGBA_DXT1_UNorm, GraphicsFormat.RGBA_DXT1_SRGB) },
                { 137, (GraphicsFormat.RGBA_DXT5_UNorm, GraphicsFormat.RGBA_DXT5_SRGB) },
                { 139, (GraphicsFormat.R_BC4_UNorm, GraphicsFormat.None) },
                { 141, (GraphicsFormat.RG_BC5_UNorm, GraphicsFormat.None) },
                { 145, (GraphicsFormat.RGBA_BC7_UNorm, GraphicsFormat.RGBA_BC7_SRGB) },
                { 147, (GraphicsFormat.RGB_ETC2_UNorm, GraphicsFormat.RGB_ETC2_SRGB) },
                { 151, (GraphicsFormat.RGBA_ETC2_UNorm, GraphicsFormat.RGBA_ETC2_SRGB) },
                { 157, (GraphicsFormat.RGBA_ASTC4X4_UNorm, GraphicsFormat.RGBA_ASTC4X4_SRGB) },
                { 165, (GraphicsFormat.RGBA_ASTC6X6_UNorm, GraphicsFormat.RGBA_ASTC6X6_SRGB) },
            };

        /// <summary>Returns the formats that this machine shows as they come, by their names on the wire, best first.</summary>
        public static IReadOnlyList<string> Supported()
        {
            var names = new List<string>();
            foreach ((string name, GraphicsFormat format) in _preferred)
            {
                if (IsSupported(format))
                {
                    names.Add(name);
                }
            }
            // Everything shows it, and nothing is smaller that needs no decoding on the main thread.
            names.Add("rgba8");
            return names;
        }

        /// <summary>Returns Unity's name for the format of a KTX2 file; <c>None</c> for one that it can't show.</summary>
        internal static GraphicsFormat Of(int vkFormat, bool isColor)
        {
            if (!_ofFile.TryGetValue(vkFormat, out (GraphicsFormat Linear, GraphicsFormat Color) found))
            {
                return GraphicsFormat.None;
            }
            GraphicsFormat format = isColor ? found.Color : found.Linear;
            return format != GraphicsFormat.None && IsSupported(format) ? format : GraphicsFormat.None;
        }

        private static bool IsSupported(GraphicsFormat format)
        {
#if UNITY_2023_2_OR_NEWER
            return SystemInfo.IsFormatSupported(format, GraphicsFormatUsage.Sample);
#else
            return SystemInfo.IsFormatSupported(format, FormatUsage.Sample);
#endif
        }
    }
}
