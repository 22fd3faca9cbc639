using System.Buffers;
using System.Threading;
using NUnit.Framework;

namespace VRBridge.Core.Tests
{
    /// <summary>What waits between the thread that reads and the session.</summary>
    [TestFixture]
    public sealed class MessageQueueTests
    {
        private const int _withinMs = 10000;

        [Test]
        public void Who_adds_to_a_closed_queue_never_waits()
        {
            var queue = new MessageQueue();
            queue.Close();
            Assert.That(Adding(queue, 200).Join(_withinMs), "far more than there was room for");
            Assert.That(queue.TryTake(out _), Is.False, "nobody looks at them");
        }

        [Test]
        public void Who_waits_for_room_when_it_closes_goes_on_and_what_came_before_can_still_be_taken()
        {
            var queue = new MessageQueue();
            Thread adding = Adding(queue, 200);
            Assert.That(SpinWait.SpinUntil(() => adding.ThreadState.HasFlag(ThreadState.WaitSleepJoin), _withinMs));
            queue.Close();
            Assert.That(adding.Join(_withinMs));
            int nTaken = 0;
            while (queue.TryTake(out SocketMessage message))
            {
                Assert.That(message.Length, Is.EqualTo(nTaken));
                nTaken++;
            }
            Assert.That(nTaken, Is.EqualTo(32));
        }

        private static Thread Adding(MessageQueue queue, int count)
        {
            var thread = new Thread(() =>
            {
                for (int number = 0; number < count; number++)
                {
                    queue.Add(new SocketMessage(ArrayPool<byte>.Shared.Rent(256), number, false));
                }
            });
            thread.IsBackground = true;
            thread.Start();
            return thread;
        }
    }
}
