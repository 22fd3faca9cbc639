using System;
using NUnit.Framework;

namespace VRBridge.Core.Tests
{
    [TestFixture]
    public sealed class MessagePackTests
    {
        private static readonly long[] _edges =
        {
            0, 1, 31, 32, 33, 127, 128, 129, 255, 256, 32767, 32768, 65535, 65536, int.MaxValue, 1L << 31,
            uint.MaxValue, 1L << 32, (1L << 53) - 1,
        };

        [Test]
        public void Whole_numbers_of_every_width_go_there_and_back_and_are_narrow()
        {
            foreach (long edge in _edges)
            {
                AssertBack(edge);
                AssertBack(-edge);
            }
            Assert.That(MessagePackWriter.Encode(127).Length, Is.EqualTo(1));
            Assert.That(MessagePackWriter.Encode(-32).Length, Is.EqualTo(1));
            Assert.That(MessagePackWriter.Encode(255).Length, Is.EqualTo(2));
            Assert.That(MessagePackWriter.Encode(-128).Length, Is.EqualTo(2));
            Assert.That(MessagePackWriter.Encode(65535).Length, Is.EqualTo(3));
            Assert.That(MessagePackWriter.Encode(65536).Length, Is.EqualTo(5));
            Assert.That(MessagePackWriter.Encode((1L << 53) - 1).Length, Is.EqualTo(9));
        }

        [TestCase(0)]
        [TestCase(15)]
        [TestCase(16)]
        [TestCase(31)]
        [TestCase(32)]
        [TestCase(255)]
        [TestCase(256)]
        [TestCase(70000)]
        public void Texts_bytes_lists_and_maps_of_every_length_go_there_and_back(int length)
        {
            AssertBack(new string('é', length));
            AssertBack(new byte[length]);
            var list = new BridgeList();
            var map = new BridgeMap();
            for (int index = 0; index < length; index++)
            {
                list.Add(7);
                map.Append("k" + index, index);
            }
            AssertBack(list);
            if (length < 1000)
            {
                AssertBack(map);
            }
            Assert.That(MessagePackReader.Decode(MessagePackWriter.Encode(map)).AsMap().Count, Is.EqualTo(length));
        }

        [Test]
        public void Numbers_and_truth_values_go_there_and_back()
        {
            foreach (double number in new[] { 0.5, -1e300, 1.0 / 3, double.Epsilon, double.MaxValue })
            {
                AssertBack(number);
            }
            AssertBack(true);
            AssertBack(false);
            AssertBack(default);
        }

        [Test]
        public void What_has_no_place_in_a_message_is_refused()
        {
            BridgeValue deep = 1;
            for (int depth = 0; depth < 40; depth++)
            {
                deep = new BridgeList { deep };
            }
            BridgeValue[] values =
            {
                double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1L << 53, -(1L << 53), long.MinValue,
                "\ud800", deep,
            };
            foreach (BridgeValue value in values)
            {
                Assert.That(
                    () => MessagePackWriter.Encode(new BridgeMap { { "value", value } }),
                    Throws.TypeOf<MessagePackException>());
            }
        }

        [Test]
        public void Lists_nest_32_deep_and_no_deeper()
        {
            BridgeValue deep = 1;
            for (int depth = 0; depth < 32; depth++)
            {
                deep = new BridgeList { deep };
            }
            AssertBack(deep);
            byte[] deeper = new byte[34];
            for (int index = 0; index < 33; index++)
            {
                deeper[index] = 0x91;
            }
            Assert.That(() => MessagePackReader.Decode(deeper), Throws.TypeOf<MessagePackException>());
        }

        [Test]
        public void A_length_that_lies_takes_no_memory()
        {
            foreach (string hex in new[] { "ddffffffff", "dfffffffff", "c6ffffffff", "dbffffffff", "dd7fffffff00" })
            {
                byte[] bytes = JsonReader.Unhex(hex);
                Assert.That(() => MessagePackReader.Decode(bytes), Throws.TypeOf<MessagePackException>(), hex);
            }
        }

        [Test]
        public void Random_bytes_are_a_value_or_refused()
        {
            var random = new Random(5);
            var bytes = new byte[64];
            for (int round = 0; round < 20000; round++)
            {
                random.NextBytes(bytes);
                try
                {
                    MessagePackReader.Decode(bytes);
                }
                catch (MessagePackException)
                {
                    continue;
                }
            }
            Assert.That(bytes.Length, Is.EqualTo(64));
        }

        [Test]
        public void What_is_passed_over_has_the_length_of_what_is_read()
        {
            var value = new BridgeMap
            {
                { "whole", -70000 },
                { "number", 0.5 },
                { "list", new BridgeList { true, default, "text", new byte[300] } },
                { "map", new BridgeMap { { "inner", new BridgeMap() } } },
            };
            byte[] bytes = MessagePackWriter.Encode(value);
            var reader = new MessagePackReader(bytes);
            reader.Skip();
            Assert.That(reader.Position, Is.EqualTo(bytes.Length));
        }

        [Test]
        public void A_chunk_is_found_in_any_order_of_its_other_fields()
        {
            var message = new BridgeMap
            {
                { "type", "chunk" },
                { "data", new byte[] { 1, 2, 3 } },
                { "later", new BridgeList { 1, "two" } },
                { "offset", 70000 },
                { "asset", 5 },
            };
            Assert.That(ChunkMessage.TryRead(MessagePackWriter.Encode(message), out ChunkMessage chunk));
            Assert.That(chunk.Asset, Is.EqualTo(5));
            Assert.That(chunk.Offset, Is.EqualTo(70000));
            Assert.That(chunk.Data.ToArray(), Is.EqualTo(new byte[] { 1, 2, 3 }));
        }

        [Test]
        public void Of_a_key_that_comes_twice_the_last_value_counts()
        {
            byte[] bytes = JsonReader.Unhex("82a16101a16102");
            Assert.That(MessagePackReader.Decode(bytes).AsMap().Whole("a"), Is.EqualTo(2));
        }

        [Test]
        public void What_another_program_wrote_is_read_as_the_default_if_it_is_of_another_type()
        {
            var map = new BridgeMap
            {
                { "text", 5 },
                { "whole", "five" },
                { "float", 3.0 },
                { "half", 3.5 },
                { "vector", new BridgeList { 1, 2.5, 3 } },
                { "short", new BridgeList { 1, 2 } },
                { "mixed", new BridgeList { 1, "2", 3 } },
            };
            Assert.That(map.Text("text", "none"), Is.EqualTo("none"));
            Assert.That(map.Whole("whole", -1), Is.EqualTo(-1));
            Assert.That(map.Whole("float"), Is.EqualTo(3));
            Assert.That(map.Whole("half", -1), Is.EqualTo(-1));
            Assert.That(map.Number("float"), Is.EqualTo(3.0));
            Assert.That(map.VectorOf("vector").Y, Is.EqualTo(2.5f));
            Assert.That(map.VectorOf("short", new BridgeVector(9, 9, 9)).X, Is.EqualTo(9));
            Assert.That(map.VectorOf("mixed").X, Is.EqualTo(0));
            Assert.That(map.MapOf("missing").Count, Is.EqualTo(0));
            Assert.That(map["missing"].IsNil);
        }

        [Test]
        public void Characters_are_code_points()
        {
            Assert.That(CodePoints.Count("Grüß 🙂dich"), Is.EqualTo(10));
            Assert.That(CodePoints.IndexOf("a🙂b", 2), Is.EqualTo(3));
            Assert.That(CodePoints.IndexOf("a🙂b", 9), Is.EqualTo(4));
            Assert.That(CodePoints.Count("🙂🙂"), Is.EqualTo(2));
        }

        private static void AssertBack(BridgeValue value)
        {
            BridgeValue back = MessagePackReader.Decode(MessagePackWriter.Encode(value));
            Assert.That(Meaning.Of(back), Is.EqualTo(Meaning.Of(value)));
            Assert.That(back.Kind, Is.EqualTo(value.Kind));
        }
    }
}
