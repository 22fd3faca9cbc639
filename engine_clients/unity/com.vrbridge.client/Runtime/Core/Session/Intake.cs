using System;
using System.Collections.Generic;

namespace VRBridge.Core
{
    /// <summary>The assets that are on their way, and how much more may come.</summary>
    /// <remarks>
    /// Credit grows as chunks are put together. It stops while complete assets that nobody has used hold too many
    /// bytes: a scene that falls behind is not flooded.
    /// </remarks>
    internal sealed class Intake
    {
        private readonly Dictionary<long, BridgeAsset> _assets = new Dictionary<long, BridgeAsset>();
        private readonly List<long> _dropped = new List<long>();
        private readonly int _windowBytes;
        private readonly long _maxHeldBytes;
        private long _arrivedBytes;
        private long _grantedBytes;
        private long _heldBytes;

        internal Intake(int windowBytes, long maxHeldBytes)
        {
            _windowBytes = windowBytes;
            _maxHeldBytes = maxHeldBytes;
        }

        /// <summary>Begins a connection, with which credit starts anew.</summary>
        internal void StartConnection()
        {
            _arrivedBytes = 0;
            _grantedBytes = _windowBytes;
        }

        /// <summary>Returns the asset that a message announces; null if the message is malformed.</summary>
        internal BridgeAsset Announce(BridgeMap message)
        {
            long nBytes = message.Whole("bytes", -1);
            if (message.Whole("asset", -1) < 0 || nBytes < 0 || nBytes > BridgeAsset.MaxBytes)
            {
                return null;
            }
            var asset = new BridgeAsset(message);
            _assets[asset.Number] = asset;
            return asset;
        }

        /// <summary>
        /// Adds a chunk; false if it did not continue its asset, so that something was lost. The asset is null if
        /// nobody wants it, as with chunks that were on their way when their request was cancelled.
        /// </summary>
        internal bool Take(in ChunkMessage chunk, out BridgeAsset asset)
        {
            _arrivedBytes += chunk.Data.Length;
            return !_assets.TryGetValue(chunk.Asset, out asset) || asset.Add(chunk.Offset, chunk.Data);
        }

        /// <summary>Takes an asset off the list; false if it was not on it.</summary>
        internal bool Drop(long number)
        {
            return _assets.Remove(number);
        }

        /// <summary>
        /// Takes the assets of a request off the list: a cancelled one leaves some that stay incomplete.
        /// </summary>
        internal void DropAllOf(long requestId)
        {
            _dropped.Clear();
            foreach (KeyValuePair<long, BridgeAsset> entry in _assets)
            {
                if (entry.Value.RequestId == requestId)
                {
                    _dropped.Add(entry.Key);
                }
            }
            foreach (long number in _dropped)
            {
                _assets.Remove(number);
            }
        }

        /// <summary>Takes all assets off the list.</summary>
        internal void Clear()
        {
            _assets.Clear();
        }

        /// <summary>Whether assets of this request are incomplete.</summary>
        internal bool HasUnfinished(long requestId)
        {
            foreach (KeyValuePair<long, BridgeAsset> entry in _assets)
            {
                if (entry.Value.RequestId == requestId)
                {
                    return true;
                }
            }
            return false;
        }

        /// <summary>Returns what <c>hello.resume</c> says of assets.</summary>
        internal BridgeList Unfinished()
        {
            var list = new BridgeList(_assets.Count);
            foreach (KeyValuePair<long, BridgeAsset> entry in _assets)
            {
                list.Add(new BridgeMap { { "asset", entry.Key }, { "offset", entry.Value.NArrived } });
            }
            return list;
        }

        /// <summary>Notes that a complete asset waits to be used.</summary>
        internal void Hold(long nBytes)
        {
            _heldBytes += nBytes;
        }

        /// <summary>Notes that one was used.</summary>
        internal void Consumed(long nBytes)
        {
            _heldBytes = Math.Max(0, _heldBytes - nBytes);
        }

        /// <summary>Returns the limit that credit has to be raised to now; 0 if it stays.</summary>
        internal long NextLimit()
        {
            long limit = _arrivedBytes + _windowBytes;
            if (_heldBytes > _maxHeldBytes || limit - _grantedBytes < _windowBytes / 4)
            {
                return 0;
            }
            _grantedBytes = limit;
            return limit;
        }
    }
}
