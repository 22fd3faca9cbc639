using System;
using System.Collections.Generic;
using System.IO;
using NUnit.Framework;

namespace VRBridge.Core.Tests
{
    /// <summary>
    /// The golden messages that all clients share; where they lie is told by <c>VRBRIDGE_TEST_WIRE</c>.
    /// </summary>
    [TestFixture]
    public sealed class GoldenMessageTests
    {
        // What is well-formed MessagePack of the allowed types is refused by its meaning, and only by the server.
        private static readonly string[] _refusedAsBytes =
        {
            "cut_off", "bytes_after_the_end", "empty", "extension_type", "invalid_utf8", "json", "key_is_int",
            "infinity", "nan", "int_beyond_53_bits", "params_beyond_53_bits", "params_not_finite",
            "params_with_int_key", "too_deep", "reserved_byte", "timestamp",
        };

        // Written wider than needed, on purpose.
        private static readonly string[] _notNarrow =
        {
            "request.wide", "context.float32", "ping.float32", "progress.int",
        };

        [TestCase("client", 20)]
        [TestCase("server", 20)]
        public void Every_golden_message_is_read(string folder, int nAtLeast)
        {
            List<BridgeMap> files = Files(folder);
            Assert.That(files.Count, Is.GreaterThan(nAtLeast));
            foreach (BridgeMap file in files)
            {
                BridgeValue read = MessagePackReader.Decode(JsonReader.Unhex(file.Text("hex")));
                Assert.That(Meaning.Of(read), Is.EqualTo(Meaning.Of(file["message"])), file.Text("name"));
            }
        }

        [TestCase("client")]
        [TestCase("server")]
        public void Every_golden_message_is_written_byte_for_byte(string folder)
        {
            int nCompared = 0;
            foreach (BridgeMap file in Files(folder))
            {
                byte[] golden = JsonReader.Unhex(file.Text("hex"));
                if (Array.IndexOf(_notNarrow, file.Text("name")) >= 0)
                {
                    continue;
                }
                nCompared++;
                string wanted = BitConverter.ToString(golden);
                byte[] again = MessagePackWriter.Encode(MessagePackReader.Decode(golden));
                Assert.That(BitConverter.ToString(again), Is.EqualTo(wanted), file.Text("name"));
                byte[] written = MessagePackWriter.Encode(file["message"]);
                Assert.That(BitConverter.ToString(written), Is.EqualTo(wanted), file.Text("name"));
            }
            Assert.That(nCompared, Is.GreaterThan(20));
        }

        [Test]
        public void Bytes_that_hold_no_message_are_refused()
        {
            int nRefused = 0;
            foreach (BridgeMap file in Files("malformed"))
            {
                if (Array.IndexOf(_refusedAsBytes, file.Text("name")) >= 0)
                {
                    nRefused++;
                    AssertRefused(JsonReader.Unhex(file.Text("hex")), file.Text("name"));
                }
            }
            Assert.That(nRefused, Is.EqualTo(_refusedAsBytes.Length));
        }

        [Test]
        public void A_message_that_is_cut_anywhere_is_refused_and_never_read_past_its_end()
        {
            foreach (BridgeMap file in Files("server"))
            {
                byte[] bytes = JsonReader.Unhex(file.Text("hex"));
                for (int length = 0; length < bytes.Length; length++)
                {
                    var cut = new byte[length];
                    Array.Copy(bytes, cut, length);
                    AssertRefused(cut, file.Text("name") + " cut at " + length);
                }
            }
        }

        [Test]
        public void Golden_chunks_are_read_where_they_lie()
        {
            int nChunks = 0;
            foreach (BridgeMap file in Files("server"))
            {
                byte[] bytes = JsonReader.Unhex(file.Text("hex"));
                BridgeMap message = file.MapOf("message");
                bool isChunk = ChunkMessage.TryRead(bytes, out ChunkMessage chunk);
                Assert.That(isChunk, Is.EqualTo(message.Text("type") == "chunk"), file.Text("name"));
                if (isChunk)
                {
                    nChunks++;
                    Assert.That(chunk.Asset, Is.EqualTo(message.Whole("asset")));
                    Assert.That(chunk.Offset, Is.EqualTo(message.Whole("offset")));
                    Assert.That(chunk.Data.ToArray(), Is.EqualTo(message.BytesOf("data")));
                }
            }
            Assert.That(nChunks, Is.GreaterThanOrEqualTo(4));
        }

        private static void AssertRefused(byte[] bytes, string name)
        {
            try
            {
                MessagePackReader.Decode(bytes);
            }
            catch (MessagePackException)
            {
                return;
            }
            Assert.Fail(name + " was read");
        }

        private static List<BridgeMap> Files(string folder)
        {
            string wire = Environment.GetEnvironmentVariable("VRBRIDGE_TEST_WIRE");
            if (string.IsNullOrEmpty(wire))
            {
                Assert.Ignore("VRBRIDGE_TEST_WIRE does not say where the golden messages are.");
            }
            var files = new List<BridgeMap>();
            foreach (string path in Directory.GetFiles(Path.Combine(wire, folder), "*.json"))
            {
                files.Add(JsonReader.Read(File.ReadAllText(path)).AsMap());
            }
            return files;
        }
    }
}
