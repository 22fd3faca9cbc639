using System;
using System.Collections.Generic;
using UnityEngine;
using VRBridge.Core;

namespace VRBridge
{
    /// <summary>
    /// Turns the picture assets of one request into textures: a preview first, coarse levels as they come, and the whole
    /// set at once when all of it is there. One upload a frame.
    /// </summary>
    internal sealed class MapLoader
    {
        // Coarser pictures than this are not worth an upload of their own.
        private const int _minCoarsePx = 32;

        private readonly Surface _target;
        private readonly FrameBudget _budget;
        private readonly Dictionary<string, Texture> _maps = new Dictionary<string, Texture>();
        private int _round;
        private int _nReading;
        private int _shownPx;
        private int _waitingPx;
        private bool _isComplete;

        /// <param name="target">What the maps are put on.</param>
        /// <param name="budget">Bounds what is done in a frame.</param>
        internal MapLoader(Surface target, FrameBudget budget)
        {
            _target = target;
            _budget = budget;
        }

        /// <summary>A picture can be seen in place of a finer one that is still on its way; its width in pixels.</summary>
        internal event Action<int> Shown;

        /// <summary>All maps were swapped in.</summary>
        internal event Action Swapped;

        /// <summary>A map can't be read.</summary>
        internal event Action<BridgeError> Unreadable;

        /// <summary>The length that one tile of the maps covers; 0 as long as it is not known.</summary>
        internal float MetresPerTile { get; private set; }

        /// <summary>Takes note of more bytes of a map.</summary>
        internal void Grow(BridgeAsset asset)
        {
            if (asset.Role != "base_color" || asset.MediaType != Ktx2File.MediaType || asset.IsComplete)
            {
                return;
            }
            if (!Ktx2File.TryRead(asset.Span, out Ktx2File file, out _))
            {
                return;
            }
            Note(asset);
            int level = file.FinestLevel(asset.NArrived);
            int widthPx = level < 0 ? 0 : Math.Max(file.WidthPx, file.HeightPx) >> level;
            if (level < 1 || widthPx < _minCoarsePx || widthPx <= Math.Max(_shownPx, _waitingPx))
            {
                return;
            }
            _waitingPx = widthPx;
            int round = _round;
            _budget.AddHeavy(() =>
            {
                // By now it may be complete, and its bytes with the pool again.
                if (round == _round && !asset.IsComplete)
                {
                    Show(asset.Role, Textures.FromBlocks(file, asset, level, out _));
                }
            });
        }

        /// <summary>Takes a complete map, whose bytes are given back.</summary>
        internal void Take(BridgeAsset asset)
        {
            Note(asset);
            _nReading++;
            int round = _round;
            _budget.AddHeavy(() => Upload(asset, round));
        }

        /// <summary>Says that all maps have come: they are swapped in as soon as they are uploaded.</summary>
        internal void Complete()
        {
            _isComplete = true;
            SwapIfReady();
        }

        /// <summary>Forgets what came, since it comes once more, or nobody wants it any more.</summary>
        internal void Restart()
        {
            _round++;
            foreach (Texture each in _maps.Values)
            {
                UnityEngine.Object.Destroy(each);
            }
            _maps.Clear();
            _nReading = 0;
            _waitingPx = 0;
            _isComplete = false;
        }

        /// <summary>Ends it without a set of maps: what showed before shows again.</summary>
        internal void Abandon()
        {
            Restart();
            _target.DropStandIn();
            _shownPx = 0;
        }

        private void Note(BridgeAsset asset)
        {
            float metres = (float)asset.Meta.Number("metres_per_tile");
            if (metres > 0)
            {
                MetresPerTile = metres;
            }
        }

        private void Upload(BridgeAsset asset, int round)
        {
            if (round != _round)
            {
                asset.Release();
                return;
            }
            _nReading--;
            Texture2D texture = Read(asset, out string error);
            asset.Release();
            if (texture == null)
            {
                Unreadable?.Invoke(new BridgeError(
                    "unreadable", $"The `{asset.Role}` map can't be read ({error}); ask again.", true));
            }
            else if (asset.Role == "preview")
            {
                Show(asset.Role, texture);
            }
            else
            {
                Keep(asset.Role, texture);
            }
            SwapIfReady();
        }

        private static Texture2D Read(BridgeAsset asset, out string error)
        {
            if (asset.Role == "preview")
            {
                error = "no picture";
                return Textures.FromPreview(asset);
            }
            if (asset.MediaType != Ktx2File.MediaType)
            {
                error = asset.MediaType;
                return null;
            }
            if (!Ktx2File.TryRead(asset.Span, out Ktx2File file, out error) || file.FinestLevel(asset.NArrived) != 0)
            {
                error ??= "it is cut short";
                return null;
            }
            return Textures.FromBlocks(file, asset, 0, out error);
        }

        private void Keep(string role, Texture2D texture)
        {
            if (_maps.TryGetValue(role, out Texture before))
            {
                UnityEngine.Object.Destroy(before);
            }
            _maps[role] = texture;
        }

        private void Show(string role, Texture2D texture)
        {
            if (texture == null)
            {
                return;
            }
            int widthPx = Math.Max(texture.width, texture.height);
            if (_maps.ContainsKey("base_color") || widthPx <= _shownPx)
            {
                UnityEngine.Object.Destroy(texture);
                return;
            }
            _shownPx = widthPx;
            _target.PutStandIn(texture, isTopDown: role != "preview");
            Shown?.Invoke(widthPx);
        }

        private void SwapIfReady()
        {
            if (!_isComplete || _nReading > 0)
            {
                return;
            }
            _isComplete = false;
            foreach (KeyValuePair<string, Texture> each in _maps)
            {
                _target.Put(each.Key, each.Value);
            }
            _maps.Clear();
            _shownPx = 0;
            Swapped?.Invoke();
        }
    }
}
