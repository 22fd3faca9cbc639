using System;
using System.Collections.Generic;
using VRBridge.Core;

namespace VRBridge.Editor
{
    /// <summary>Something that is being made for the project: its files as they come, and what they become.</summary>
    internal sealed class Generation
    {
        private readonly Func<Generation, string> _save;

        /// <param name="request">Brings the files.</param>
        /// <param name="save">Puts them into the project and returns where.</param>
        internal Generation(BridgeRequest request, Func<Generation, string> save)
        {
            _save = save;
            request.Progressed += (stage, fraction) => (Stage, Fraction) = (stage, (float)fraction);
            request.AssetReceived += Take;
            request.Completed += (result, timing) => End(result, timing.Number("total_ms"));
            request.Failed += error => End(error.ToString());
        }

        /// <summary>Files by their role; of those that come twice, the later.</summary>
        internal Dictionary<string, GeneratedFile> Files { get; } = new Dictionary<string, GeneratedFile>();

        /// <summary>What is being done.</summary>
        internal string Stage { get; private set; } = "";

        /// <summary>How much of it, 0 to 1.</summary>
        internal float Fraction { get; private set; }

        /// <summary>Whether it has ended.</summary>
        internal bool IsEnded { get; private set; }

        /// <summary>How it ended, in words.</summary>
        internal string Outcome { get; private set; } = "";

        /// <summary>Where it was saved; null as long as it was not.</summary>
        internal string Path { get; private set; }

        private void Take(BridgeAsset asset)
        {
            string part = asset.Meta.Text("material");
            string key = part.Length > 0 ? $"{asset.Role} {part}" : asset.Role;
            Files[key] = new GeneratedFile(asset);
        }

        private void End(BridgeMap result, double totalMs)
        {
            try
            {
                Path = _save(this);
                End($"{Path}: {result.Text("model")}, seed {result.Whole("seed")}, {totalMs / 1000:0.0} s");
            }
            // It is shown where the person looks who asked for it.
            catch (Exception error)
            {
                End($"It can't be saved: {error.Message}");
            }
        }

        private void End(string outcome)
        {
            Outcome = outcome;
            IsEnded = true;
        }
    }
}
