namespace VRBridge.Core
{
    /// <summary>Counts characters as the wire does: Unicode code points, not the halves that C# counts.</summary>
    public static class CodePoints
    {
        /// <summary>Returns how many there are in a text.</summary>
        public static int Count(string text)
        {
            int count = text.Length;
            for (int index = 1; index < text.Length; index++)
            {
                if (char.IsSurrogatePair(text[index - 1], text[index]))
                {
                    count--;
                }
            }
            return count;
        }

        /// <summary>
        /// Returns where the code point of this number begins; the length of the text if it has fewer.
        /// </summary>
        public static int IndexOf(string text, int number)
        {
            int index = 0;
            for (; number > 0 && index < text.Length; number--)
            {
                index += index + 1 < text.Length && char.IsSurrogatePair(text[index], text[index + 1]) ? 2 : 1;
            }
            return index;
        }
    }
}
