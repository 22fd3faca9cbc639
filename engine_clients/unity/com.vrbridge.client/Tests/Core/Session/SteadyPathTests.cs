using System;
using NUnit.Framework;

namespace VRBridge.Core.Tests
{
    /// <summary>
    /// What goes on in most frames takes no memory, so that it never brings the garbage collector in.
    /// </summary>
    [TestFixture]
    public sealed class SteadyPathTests
    {
        private const int _largeBytes = 16 << 20;
        private const int _framesBefore = 50;
        private const int _frames = 150;

        [Test]
        public void Frames_with_contexts_out_and_chunks_in_take_no_memory()
        {
            double nowS = 0;
            int nGrown = 0;
            var socket = new LoopSocket();
            using var bridge = new BridgeConnection(() => socket, () => nowS, () => 0.5, false);
            Func<bool> mayGoOn = () => true;
            bridge.Open(new BridgeOptions());
            bridge.Update(mayGoOn);
            bridge.Request("texture", new BridgeMap()).AssetGrew += _ => nGrown++;
            socket.Announce(1, _largeBytes);
            var hand = new BridgePose(new BridgeVector(0.3f, 1, 0), BridgeRotation.Identity);
            var context = new BridgeContext { Focus = "anvil", LeftHand = hand };
            context.Nearby.Add(new NearbyThing("anvil", "an anvil", new BridgeVector(1, 0, 1)));
            // Before each frame.
            var allocatedBytes = new long[_framesBefore + _frames];
            for (int frame = 0; frame < _framesBefore + _frames; frame++)
            {
                allocatedBytes[frame] = GC.GetAllocatedBytesForCurrentThread();
                nowS += 1 / 72.0;
                socket.HasChunk = true;
                bridge.UpdateContext(context);
                bridge.Update(mayGoOn);
            }
            Assert.That(allocatedBytes[_framesBefore + _frames - 1], Is.EqualTo(allocatedBytes[_framesBefore]));
            Assert.That(allocatedBytes[_framesBefore], Is.GreaterThan(allocatedBytes[0]), "beginnings take some");
            Assert.That(nGrown, Is.EqualTo(_framesBefore + _frames));
            Assert.That(socket.NSent, Is.GreaterThan(80), "contexts, credits and more");
        }
    }
}
