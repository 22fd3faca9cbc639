using VRBridge.Core;

namespace VRBridge
{
    /// <summary>A line of text on an overlay; it may still grow.</summary>
    public sealed class OverlayLine
    {
        internal OverlayLine(string text, string speaker, bool isWhole)
        {
            Text = text;
            Speaker = speaker;
            IsWhole = isWhole;
            NCharacters = CodePoints.Count(text);
        }

        /// <summary>Who says it; empty for nobody.</summary>
        public string Speaker { get; }

        /// <summary>All of it that is there.</summary>
        public string Text { get; private set; }

        /// <summary>Whether no more comes.</summary>
        public bool IsWhole { get; private set; }

        /// <summary>How many characters are there, counted as code points.</summary>
        public int NCharacters { get; private set; }

        internal void Extend(string piece)
        {
            Text += piece;
            NCharacters = CodePoints.Count(Text);
        }

        internal void Finish()
        {
            IsWhole = true;
        }
    }
}
