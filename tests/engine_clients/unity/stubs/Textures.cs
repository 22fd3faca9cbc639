// Textures that keep what was uploaded, and what the graphics card is said to know.
using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using UnityEngine.Experimental.Rendering;

namespace UnityEngine.Experimental.Rendering
{
    public enum GraphicsFormat
    {
        None = 0,
        R8G8B8A8_SRGB = 4,
        R8_UNorm = 5,
        R8G8_UNorm = 6,
        R8G8B8A8_UNorm = 8,
        RGBA_DXT1_SRGB = 96,
        RGBA_DXT1_UNorm = 97,
        RGBA_DXT5_SRGB = 100,
        RGBA_DXT5_UNorm = 101,
        R_BC4_UNorm = 102,
        RG_BC5_UNorm = 104,
        RGBA_BC7_SRGB = 108,
        RGBA_BC7_UNorm = 109,
        RGB_ETC2_SRGB = 119,
        RGB_ETC2_UNorm = 120,
        RGBA_ETC2_SRGB = 123,
        RGBA_ETC2_UNorm = 124,
        RGBA_ASTC4X4_SRGB = 129,
        RGBA_ASTC4X4_UNorm = 130,
        RGBA_ASTC6X6_SRGB = 133,
        RGBA_ASTC6X6_UNorm = 134,
    }

    [Flags]
    public enum TextureCreationFlags
    {
        None = 0,
        MipChain = 1,
        DontInitializePixels = 4,
        DontUploadUponCreate = 1024,
    }

#if UNITY_2023_2_OR_NEWER
    [Flags]
    public enum GraphicsFormatUsage
    {
        None = 0,
        Sample = 1,
    }
#else
    public enum FormatUsage
    {
        Sample = 0,
    }
#endif
}

namespace UnityEngine
{
    public enum FilterMode
    {
        Point = 0,
        Bilinear = 1,
        Trilinear = 2,
    }

    public enum TextureWrapMode
    {
        Repeat = 0,
        Clamp = 1,
    }

    public class Texture : Object
    {
        public virtual int width { get; internal set; }
        public virtual int height { get; internal set; }
        public FilterMode filterMode { get; set; } = FilterMode.Bilinear;
        public TextureWrapMode wrapMode { get; set; }
        public int anisoLevel { get; set; } = 1;
        public int mipmapCount { get; internal set; }
        public GraphicsFormat graphicsFormat { get; internal set; }
        public virtual bool isReadable { get; internal set; } = true;
    }

    public sealed class Texture2D : Texture
    {
        internal readonly Dictionary<int, byte[]> Levels = new Dictionary<int, byte[]>();
        internal static readonly List<Texture2D> Uploads = new List<Texture2D>();
        internal int UploadedInFrame = -1;

        public Texture2D(int width, int height, GraphicsFormat format, int mipCount, TextureCreationFlags flags)
        {
            if (width < 1 || height < 1 || format == GraphicsFormat.None)
            {
                throw new ArgumentException($"a texture of {width} × {height}, {format}");
            }

            (this.width, this.height, graphicsFormat, mipmapCount) = (width, height, format, mipCount);
        }

        public Texture2D(int width, int height, GraphicsFormat format, TextureCreationFlags flags)
            : this(width, height, format, 1, flags)
        {
        }

        public void SetPixelData<T>(T[] data, int mipLevel, int sourceDataStartIndex)
        {
            if (!isReadable || mipLevel < 0 || mipLevel >= mipmapCount)
            {
                throw new UnityException($"Level {mipLevel} of {mipmapCount} can't be written.");
            }

            ReadOnlySpan<byte> bytes = (byte[])(object)data;
            Levels[mipLevel] = bytes.Slice(sourceDataStartIndex, BytesOf(mipLevel)).ToArray();
        }

        public void Apply(bool updateMipmaps, bool makeNoLongerReadable)
        {
            if (!updateMipmaps && Levels.Count != mipmapCount)
            {
                throw new InvalidOperationException($"{Levels.Count} of {mipmapCount} levels were written.");
            }

            isReadable = !makeNoLongerReadable;
            UploadedInFrame = Frames.N;
            Uploads.Add(this);
        }

        internal int BytesOf(int level)
        {
            int wide = Math.Max(1, width >> level), high = Math.Max(1, height >> level);
            switch (graphicsFormat)
            {
                case GraphicsFormat.R8_UNorm:
                    return wide * high;
                case GraphicsFormat.R8G8_UNorm:
                    return 2 * wide * high;
                case GraphicsFormat.R8G8B8A8_UNorm:
                case GraphicsFormat.R8G8B8A8_SRGB:
                    return 4 * wide * high;
                case GraphicsFormat.RGBA_ASTC6X6_SRGB:
                case GraphicsFormat.RGBA_ASTC6X6_UNorm:
                    return (wide + 5) / 6 * ((high + 5) / 6) * 16;
                case GraphicsFormat.RGBA_DXT1_SRGB:
                case GraphicsFormat.RGBA_DXT1_UNorm:
                case GraphicsFormat.R_BC4_UNorm:
                case GraphicsFormat.RGB_ETC2_SRGB:
                case GraphicsFormat.RGB_ETC2_UNorm:
                    return (wide + 3) / 4 * ((high + 3) / 4) * 8;
                default:
                    return (wide + 3) / 4 * ((high + 3) / 4) * 16;
            }
        }
    }

    public static class ImageConversion
    {
        /// <summary>Takes the sizes of a baseline JPEG; its pixels are not decoded here.</summary>
        public static bool LoadImage(this Texture2D tex, byte[] data, bool markNonReadable)
        {
            for (int place = 2; place + 9 < data.Length && data[place] == 0xFF;)
            {
                if (data[place + 1] >= 0xC0 && data[place + 1] <= 0xC2)
                {
                    tex.height = (data[place + 5] << 8) | data[place + 6];
                    tex.width = (data[place + 7] << 8) | data[place + 8];
                    tex.isReadable = !markNonReadable;
                    return true;
                }

                place += 2 + ((data[place + 2] << 8) | data[place + 3]);
            }

            return false;
        }
    }

    public class UnityException : SystemException
    {
        public UnityException(string message) : base(message)
        {
        }
    }

    public sealed class SystemInfo
    {
        // What a desktop's graphics card knows, unless a test says otherwise.
        internal static Func<GraphicsFormat, bool> Knows = format => !$"{format}".Contains("ASTC") && !$"{format}".Contains("ETC");

#if UNITY_2023_2_OR_NEWER
        public static bool IsFormatSupported(GraphicsFormat format, GraphicsFormatUsage usage) => Knows(format);
#else
        public static bool IsFormatSupported(GraphicsFormat format, FormatUsage usage) => Knows(format);
#endif
        public static int maxTextureSize => 16384;
        public static string deviceModel => "stub";
    }
}
