using System;
using System.Collections.Generic;
using NUnit.Framework;

namespace VRBridge.Core.Tests
{
    [TestFixture]
    public sealed class FrameBudgetTests
    {
        [Test]
        public void A_frame_takes_what_fits_into_its_budget_and_something_at_least()
        {
            double nowS = 0;
            var budget = new FrameBudget(0.0015, () => nowS);
            var done = new List<string>();
            foreach (string name in new[] { "a", "b", "c" })
            {
                int left = 2;
                budget.Add(() =>
                {
                    nowS += 0.0006;
                    done.Add(name);
                    left--;
                    return left == 0;
                });
            }
            for (int number = 0; number < 2; number++)
            {
                budget.AddHeavy(() =>
                {
                    nowS += 0.005;
                    done.Add("heavy");
                });
            }
            var frames = new List<string>();
            while (budget.NWaiting > 0 && frames.Count < 20)
            {
                budget.Begin();
                budget.Run();
                budget.End();
                frames.Add(string.Join(" ", done));
                done.Clear();
            }
            Assert.That(frames, Is.EqualTo(new[] { "heavy", "a a b", "heavy", "b c c" }));
            Assert.That(budget.SpentS, Is.EqualTo(0.0018).Within(1e-9));
        }

        [Test]
        public void What_is_watched_is_asked_once_a_frame_until_it_has_happened()
        {
            var budget = new FrameBudget(0.0015, () => 0);
            int nAsked = 0;
            budget.Watch(() => ++nAsked == 3);
            for (int frame = 0; frame < 5; frame++)
            {
                budget.Run();
            }
            Assert.That(nAsked, Is.EqualTo(3));
            Assert.That(budget.NWaiting, Is.EqualTo(0));
        }

        [Test]
        public void Work_that_throws_is_not_tried_again_and_holds_nothing_up()
        {
            var budget = new FrameBudget(0.0015, () => 0);
            bool isDone = false;
            budget.Add(() => throw new InvalidOperationException());
            budget.Add(() => isDone = true);
            Assert.That(() => budget.Run(), Throws.TypeOf<InvalidOperationException>());
            budget.Run();
            Assert.That(isDone);
            Assert.That(budget.NWaiting, Is.EqualTo(0));
        }
    }
}
