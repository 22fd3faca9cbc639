using System;
using System.Buffers;
using System.Security.Cryptography;
using System.Threading;

namespace VRBridge.Core
{
    /// <summary>A file on its way from the bridge, or arrived: a picture, a mesh, a map of a material.</summary>
    public sealed class BridgeAsset
    {
        /// <summary>More than this is no asset but a mistake.</summary>
        internal const long MaxBytes = 1 << 29;

        private const int _maxPooledBytes = 32 << 20;
        private const int _pooledPerSize = 4;
        private const string _digestPrefix = "sha256:";

        // The runtime's shared pool lets go of what is longer than a megabyte.
        private static readonly ArrayPool<byte> _pool = ArrayPool<byte>.Create(_maxPooledBytes, _pooledPerSize);

        private readonly SHA256 _hash = SHA256.Create();
        private byte[] _buffer;
        private int _nArrived;
        private int _isGrowthTold;
        private Action<BridgeAsset> _released;

        internal BridgeAsset(BridgeMap message)
        {
            Number = message.Whole("asset", -1);
            RequestId = message.Whole("id", -1);
            Role = message.Text("role");
            MediaType = message.Text("media_type");
            NBytes = (int)message.Whole("bytes", -1);
            Digest = message.Text("digest");
            Meta = message.MapOf("meta");
            _buffer = NBytes > 0 ? _pool.Rent(NBytes) : Array.Empty<byte>();
        }

        /// <summary>Its number in the session.</summary>
        public long Number { get; }

        /// <summary>The request that brings it.</summary>
        public long RequestId { get; }

        /// <summary>What it is for, such as <c>base_color</c>, <c>lod0</c> or <c>preview</c>.</summary>
        public string Role { get; }

        /// <summary>Such as <c>image/ktx2</c> or <c>model/gltf-binary</c>.</summary>
        public string MediaType { get; }

        /// <summary>How many bytes it has when it is complete.</summary>
        public int NBytes { get; }

        /// <summary><c>sha256:</c> and 64 hexadecimal digits.</summary>
        public string Digest { get; }

        /// <summary>Facts about it, as the protocol lists them for its kind.</summary>
        public BridgeMap Meta { get; }

        /// <summary>How many bytes have arrived.</summary>
        public int NArrived => Volatile.Read(ref _nArrived);

        /// <summary>Whether everything has arrived.</summary>
        public bool IsComplete => NArrived == NBytes;

        /// <summary>Holds its bytes; behind <see cref="NArrived"/> it holds anything, and it may be longer.</summary>
        /// <exception cref="ObjectDisposedException">After <see cref="Release"/>.</exception>
        public byte[] Buffer => _buffer ?? throw new ObjectDisposedException(nameof(BridgeAsset));

        /// <summary>The bytes that have arrived; not to be used after <see cref="Release"/>.</summary>
        public ReadOnlySpan<byte> Span => new ReadOnlySpan<byte>(Buffer, 0, NArrived);

        /// <summary>The bytes that have arrived; not to be used after <see cref="Release"/>.</summary>
        public ReadOnlyMemory<byte> Memory => new ReadOnlyMemory<byte>(Buffer, 0, NArrived);

        /// <summary>
        /// Says that its bytes are used and not needed any more, so that more may come. Once it has been received,
        /// from any thread; further calls do nothing.
        /// </summary>
        public void Release()
        {
            if (!IsComplete)
            {
                // The session still writes into it.
                return;
            }
            byte[] buffer = Interlocked.Exchange(ref _buffer, null);
            if (buffer == null)
            {
                return;
            }
            if (buffer.Length > 0)
            {
                _pool.Return(buffer);
            }
            Interlocked.Exchange(ref _released, null)?.Invoke(this);
        }

        /// <summary>Appends a chunk; false if it leaves a gap, repeats something or runs past the end.</summary>
        internal bool Add(long offset, ReadOnlySpan<byte> chunk)
        {
            int nArrived = _nArrived;
            if (offset != nArrived || chunk.Length > NBytes - nArrived)
            {
                return false;
            }
            chunk.CopyTo(_buffer.AsSpan(nArrived));
            _hash.TransformBlock(_buffer, nArrived, chunk.Length, null, 0);
            Volatile.Write(ref _nArrived, nArrived + chunk.Length);
            return true;
        }

        /// <summary>Whether the bytes are the announced ones; asked once, when it is complete.</summary>
        internal bool IsIntact()
        {
            _hash.TransformFinalBlock(Array.Empty<byte>(), 0, 0);
            bool isIntact = IsHex(_hash.Hash, Digest);
            _hash.Dispose();
            return isIntact;
        }

        /// <summary>Has somebody told when it is released.</summary>
        internal void OnReleased(Action<BridgeAsset> told)
        {
            _released = told;
        }

        /// <summary>Whether its growth has to be told: once until <see cref="GrowthTold"/>.</summary>
        internal bool HasToTellGrowth()
        {
            return Interlocked.Exchange(ref _isGrowthTold, 1) == 0;
        }

        /// <summary>Notes that its growth was told.</summary>
        internal void GrowthTold()
        {
            Volatile.Write(ref _isGrowthTold, 0);
        }

        private static bool IsHex(byte[] hash, string digest)
        {
            if (digest.Length != _digestPrefix.Length + 2 * hash.Length
                || !digest.StartsWith(_digestPrefix, StringComparison.Ordinal))
            {
                return false;
            }
            const string digits = "0123456789abcdef";
            for (int index = 0; index < hash.Length; index++)
            {
                int place = _digestPrefix.Length + 2 * index;
                if (digest[place] != digits[hash[index] >> 4] || digest[place + 1] != digits[hash[index] & 15])
                {
                    return false;
                }
            }
            return true;
        }
    }
}
