using System;
using System.Diagnostics;
using System.Globalization;
using System.Threading;
using VRBridge.Core.Tests;

namespace VRBridge.Core.Bench
{
    /// <summary>Measures the core: one line a figure, the name, what one costs, and the bytes that it allocates.</summary>
    public static class CoreBench
    {
        private const int _chunkBytes = 64 << 10;
        private const int _largeBytes = 64 << 20;
        private const int _frames = 600;
        private const double _withinS = 240;

        /// <summary>Takes the address of a server, whose token is in <c>VRBRIDGE_TEST_TOKEN</c>.</summary>
        public static int Main(string[] arguments)
        {
            EncodeContext();
            EncodeCredit();
            DecodeText();
            DecodeChunk();
            TakeChunk();
            SteadyFrames();
            Receive(arguments[0]);
            return 0;
        }

        private static void EncodeContext()
        {
            BridgeContext context = Context();
            using var writer = new MessagePackWriter();
            Measure("context", 200000, () =>
            {
                writer.Clear();
                context.Write(writer);
            });
        }

        private static void EncodeCredit()
        {
            var outbox = new Outbox();
            Measure("credit", 1000000, () =>
            {
                outbox.Add("credit", "limit", 123456789);
                outbox.Sent();
            });
        }

        private static void DecodeText()
        {
            byte[] message = MessagePackWriter.Encode(new BridgeMap
            {
                { "type", "text" }, { "seq", 12 }, { "id", 3 }, { "text", "swords and horseshoes" }, { "offset", 40 },
            });
            Measure("text", 300000, () => MessagePackReader.Decode(message));
        }

        private static void DecodeChunk()
        {
            byte[] message = MessagePackWriter.Encode(new BridgeMap
            {
                { "type", "chunk" }, { "asset", 3 }, { "offset", 65536 }, { "data", new byte[_chunkBytes] },
            });
            Measure("chunk", 1000000, () => ChunkMessage.TryRead(message, out _));
        }

        /// <summary>Copying and digest, besides.</summary>
        private static void TakeChunk()
        {
            var asset = new BridgeAsset(new BridgeMap { { "asset", 1 }, { "bytes", _largeBytes } });
            var chunk = new byte[_chunkBytes];
            int offset = 0;
            Measure("take", (_largeBytes / _chunkBytes) - 20, () =>
            {
                asset.Add(offset, chunk);
                offset += _chunkBytes;
            });
        }

        /// <summary>Frames in which a context goes out and a chunk comes in, on one thread.</summary>
        private static void SteadyFrames()
        {
            var socket = new LoopSocket();
            double nowS = 0;
            using var bridge = new BridgeConnection(() => socket, () => nowS, () => 0.5, false);
            Func<bool> mayGoOn = () => true;
            bridge.Open(new BridgeOptions());
            bridge.Update(mayGoOn);
            BridgeRequest request = bridge.Request("texture", new BridgeMap());
            int nGrown = 0;
            request.AssetGrew += _ => nGrown++;
            socket.Announce(1, _largeBytes);
            BridgeContext context = Context();
            Measure("frame", _frames, () =>
            {
                nowS += 1 / 72.0;
                socket.HasChunk = true;
                bridge.UpdateContext(context);
                bridge.Update(mayGoOn);
            });
            if (nGrown < _frames || socket.NSent < _frames / 8)
            {
                throw new InvalidOperationException($"{nGrown} chunks came and {socket.NSent} messages went");
            }
        }

        /// <summary>A map of 22 MB over the loopback, the second time from the server's cache.</summary>
        private static void Receive(string url)
        {
            using var bridge = new BridgeConnection();
            bridge.Open(new BridgeOptions
            {
                Url = url,
                Token = Environment.GetEnvironmentVariable("VRBRIDGE_TEST_TOKEN") ?? "",
                WindowBytes = 4 << 20,
                MaxHeldBytes = 64 << 20,
            });
            Func<bool> mayGoOn = () => true;
            for (int round = 0; round < 3; round++)
            {
                ReceiveOnce(bridge, mayGoOn, round);
            }
        }

        private static void ReceiveOnce(BridgeConnection bridge, Func<bool> mayGoOn, int round)
        {
            double beganS = 0;
            double tookS = 0;
            int nBytes = 0;
            int nFrames = 0;
            int nQuiet = 0;
            long longest = 0;
            BridgeRequest request = bridge.Request("texture", new BridgeMap
            {
                { "prompt", "brick wall" }, { "size_px", 2048 }, { "seed", 2 }, { "format", "rgba8" },
                { "maps", new BridgeList { "base_color" } },
            });
            request.AssetStarted += asset => beganS = asset.Role == "base_color" ? Now() : beganS;
            request.AssetReceived += asset =>
            {
                tookS = asset.Role == "base_color" ? Now() - beganS : tookS;
                nBytes = asset.NBytes;
                asset.Release();
            };
            double endS = Now() + _withinS;
            while (!request.IsEnded && Now() < endS)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                bridge.Update(mayGoOn);
                long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
                nFrames += beganS > 0 && tookS == 0 ? 1 : 0;
                nQuiet += beganS > 0 && tookS == 0 && allocated == 0 ? 1 : 0;
                longest = Math.Max(longest, beganS > 0 && tookS == 0 ? allocated : 0);
                Thread.Sleep(1);
            }
            if (request.Error != null || nBytes == 0)
            {
                throw new InvalidOperationException("No map came: " + request.Error);
            }
            if (round > 0)
            {
                Say("receive", nBytes / 1e6 / tookS, longest);
                Say("quiet", 100.0 * nQuiet / Math.Max(1, nFrames), nFrames);
            }
        }

        private static BridgeContext Context()
        {
            var context = new BridgeContext
            {
                Head = new BridgePose(new BridgeVector(0.5f, 1.6f, -2), BridgeRotation.Identity),
                LeftHand = new BridgePose(new BridgeVector(0.3f, 1, -2), BridgeRotation.Identity),
                RightHand = new BridgePose(new BridgeVector(0.7f, 1, -2), BridgeRotation.Identity),
                Gaze = new BridgeVector(0, 0, -1),
                Focus = "anvil",
                Place = "village square",
            };
            for (int number = 0; number < 4; number++)
            {
                context.Nearby.Add(new NearbyThing("thing", "an old thing", new BridgeVector(number, 0, 1)));
            }
            return context;
        }

        private static void Measure(string name, int count, Action action)
        {
            // What is compiled, pooled and cached at first is not the steady path.
            for (int round = 0; round < Math.Min(count, 2000) / 10; round++)
            {
                action();
            }
            count -= Math.Min(count, 2000) / 10;
            long before = GC.GetAllocatedBytesForCurrentThread();
            double beganS = Now();
            for (int round = 0; round < count; round++)
            {
                action();
            }
            double tookS = Now() - beganS;
            Say(name, 1e9 * tookS / count, (GC.GetAllocatedBytesForCurrentThread() - before) / (double)count);
        }

        private static void Say(string name, double figure, double bytes)
        {
            Console.WriteLine(string.Format(CultureInfo.InvariantCulture, "FIGURE {0}|{1:F1}|{2:F1}", name, figure, bytes));
        }

        private static double Now()
        {
            return Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency;
        }
    }
}
