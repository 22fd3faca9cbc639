using System;
using System.Collections.Generic;
using NUnit.Framework;

namespace VRBridge.Core.Tests
{
    [TestFixture]
    public sealed class Ktx2FileTests
    {
        private const int _headerBytes = 80;
        private const int _levelBytes = 24;

        [TestCase(131, 256, 256, 9, 32768)]
        [TestCase(145, 256, 128, 9, 32768)]
        [TestCase(165, 512, 512, 10, 118336)]
        [TestCase(37, 64, 64, 7, 16384)]
        [TestCase(9, 64, 64, 7, 4096)]
        public void Levels_have_the_sizes_of_their_blocks(
            int vkFormat, int widthPx, int heightPx, int nLevels, int nBytes)
        {
            byte[] data = File(vkFormat, widthPx, heightPx, nLevels);
            Assert.That(Ktx2File.TryRead(data, out Ktx2File file, out string error), error);
            Assert.That(error, Is.Null);
            Assert.That(file.NLevels, Is.EqualTo(nLevels));
            Assert.That(file.LevelBytes(0), Is.EqualTo(nBytes));
            Assert.That(file.LevelWidthPx(nLevels - 1), Is.EqualTo(Math.Max(1, widthPx >> (nLevels - 1))));
            Assert.That(file.Level(data, 0).Length, Is.EqualTo(nBytes));
            Assert.That(file.Level(data, 0).ToArray()[0], Is.EqualTo(0), "each level is filled with its number");
            Assert.That(file.Level(data, 3).ToArray()[0], Is.EqualTo(3));
        }

        [Test]
        public void Coarse_levels_are_there_before_fine_ones()
        {
            byte[] data = File(131, 64, 64, 7);
            var seen = new List<int>();
            for (int nArrived = 0; nArrived <= data.Length; nArrived++)
            {
                var arrived = new ReadOnlySpan<byte>(data, 0, nArrived);
                bool isKnown = Ktx2File.TryRead(arrived, out Ktx2File file, out string error);
                Assert.That(error, Is.Null);
                Assert.That(isKnown, Is.EqualTo(nArrived >= _headerBytes + (7 * _levelBytes)));
                int level = isKnown ? file.FinestLevel(nArrived) : -1;
                if (seen.Count == 0 || seen[seen.Count - 1] != level)
                {
                    seen.Add(level);
                }
            }
            Assert.That(seen, Is.EqualTo(new[] { -1, 6, 5, 4, 3, 2, 1, 0 }));
        }

        [TestCase(0, 0, "no KTX2 file")]
        [TestCase(12, 132, "vkFormat 132")]
        [TestCase(44, 1, "vkFormat")]
        [TestCase(20, 0, "pixels")]
        [TestCase(20, 99999, "pixels")]
        [TestCase(24, -5, "pixels")]
        [TestCase(40, 0, "0 levels")]
        [TestCase(40, 77, "77 levels")]
        [TestCase(88, 5, "sizes")]
        [TestCase(84, 5, "sizes")]
        public void What_is_wrong_with_a_file_is_told(int place, int value, string fault)
        {
            byte[] data = File(131, 64, 64, 7);
            BitConverter.GetBytes(value).CopyTo(data, place);
            Assert.That(Ktx2File.TryRead(data, out Ktx2File file, out string error), Is.False);
            Assert.That(file, Is.Null);
            StringAssert.Contains(fault, error);
        }

        [Test]
        public void A_file_that_is_cut_short_has_no_finest_level()
        {
            byte[] data = File(131, 64, 64, 7);
            Ktx2File.TryRead(data, out Ktx2File file, out _);
            Assert.That(file.Level(new ReadOnlySpan<byte>(data, 0, data.Length - 1), 0).Length, Is.EqualTo(0));
        }

        [Test]
        public void Any_damage_is_a_file_or_a_fault()
        {
            var random = new Random(3);
            byte[] whole = File(131, 64, 64, 7);
            for (int round = 0; round < 5000; round++)
            {
                byte[] data = (byte[])whole.Clone();
                for (int n = 0; n < 3; n++)
                {
                    data[random.Next(_headerBytes + (7 * _levelBytes))] = (byte)random.Next(256);
                }
                if (!Ktx2File.TryRead(data, out Ktx2File file, out string error))
                {
                    Assert.That(error ?? "not complete", Is.Not.Empty);
                    continue;
                }
                for (int level = 0; level < file.NLevels; level++)
                {
                    int length = file.Level(data, level).Length;
                    Assert.That(length == 0 || length == file.LevelBytes(level));
                }
            }
        }

        /// <summary>Returns a file whose levels are filled with their numbers, the smallest first.</summary>
        private static byte[] File(int vkFormat, int widthPx, int heightPx, int nLevels)
        {
            var header = new byte[_headerBytes + (nLevels * _levelBytes)];
            byte[] identifier = { 0xab, 0x4b, 0x54, 0x58, 0x20, 0x32, 0x30, 0xbb, 0x0d, 0x0a, 0x1a, 0x0a };
            identifier.CopyTo(header, 0);
            BitConverter.GetBytes(vkFormat).CopyTo(header, 12);
            BitConverter.GetBytes(widthPx).CopyTo(header, 20);
            BitConverter.GetBytes(heightPx).CopyTo(header, 24);
            BitConverter.GetBytes(nLevels).CopyTo(header, 40);
            var file = new List<byte>();
            for (int level = nLevels - 1; level >= 0; level--)
            {
                int nBytes = BytesOf(vkFormat, Math.Max(1, widthPx >> level), Math.Max(1, heightPx >> level));
                int entry = _headerBytes + (level * _levelBytes);
                BitConverter.GetBytes((long)(header.Length + file.Count)).CopyTo(header, entry);
                BitConverter.GetBytes((long)nBytes).CopyTo(header, entry + 8);
                for (int index = 0; index < nBytes; index++)
                {
                    file.Add((byte)level);
                }
            }
            file.InsertRange(0, header);
            return file.ToArray();
        }

        private static int BytesOf(int vkFormat, int widthPx, int heightPx)
        {
            switch (vkFormat)
            {
                case 9:
                    return widthPx * heightPx;
                case 37:
                    return 4 * widthPx * heightPx;
                case 165:
                    return 16 * ((widthPx + 5) / 6) * ((heightPx + 5) / 6);
                default:
                    return (vkFormat == 131 ? 8 : 16) * ((widthPx + 3) / 4) * ((heightPx + 3) / 4);
            }
        }
    }
}
