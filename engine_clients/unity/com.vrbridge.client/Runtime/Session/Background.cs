using System;
using System.Collections.Concurrent;
using System.Threading.Tasks;
using VRBridge.Core;

namespace VRBridge
{
    /// <summary>
    /// Work on other threads where the platform has threads, and in frames of its own where it has none; what it comes
    /// to is used on the main thread, within the budget.
    /// </summary>
    internal sealed class Background
    {
#if UNITY_WEBGL && !UNITY_EDITOR
        /// <summary>Whether work can be done beside the main thread.</summary>
        internal static readonly bool HasThreads = false;
#else
        /// <summary>Whether work can be done beside the main thread.</summary>
        internal static readonly bool HasThreads = true;
#endif

        private readonly ConcurrentQueue<Action> _finished = new ConcurrentQueue<Action>();

        /// <param name="budget">Bounds what is done in a frame.</param>
        internal Background(FrameBudget budget)
        {
            Budget = budget;
        }

        /// <summary>Bounds what is done in a frame.</summary>
        internal FrameBudget Budget { get; }

        /// <summary>
        /// Does <paramref name="work"/>, and then <paramref name="finish"/> with what it returned in a frame that does
        /// nothing else that is heavy. What it throws goes to <paramref name="fail"/>.
        /// </summary>
        internal void Run<T>(Func<T> work, Action<T> finish, Action<Exception> fail)
        {
            if (HasThreads)
            {
                Task.Run(() => _finished.Enqueue(Outcome(work, finish, fail)));
            }
            else
            {
                Budget.AddHeavy(() => Budget.AddHeavy(Outcome(work, finish, fail)));
            }
        }

        /// <summary>Has what other threads finished be used; once a frame.</summary>
        internal void Collect()
        {
            while (_finished.TryDequeue(out Action use))
            {
                Budget.AddHeavy(use);
            }
        }

        private static Action Outcome<T>(Func<T> work, Action<T> finish, Action<Exception> fail)
        {
            try
            {
                T result = work();
                return () => finish(result);
            }
            // What went wrong is told where the result would have been.
            catch (Exception error)
            {
                return () => fail(error);
            }
        }
    }
}
