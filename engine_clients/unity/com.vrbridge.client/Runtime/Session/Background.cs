using System;
using System.Threading.Tasks;
using VRBridge.Core;

namespace VRBridge
{
    /// <summary>Work on another thread where the platform has threads, and in a frame of its own where it has none.</summary>
    internal static class Background
    {
#if UNITY_WEBGL && !UNITY_EDITOR
        /// <summary>Whether work can be done beside the main thread.</summary>
        internal static readonly bool HasThreads = false;
#else
        /// <summary>Whether work can be done beside the main thread.</summary>
        internal static readonly bool HasThreads = true;
#endif

        /// <summary>
        /// Does <paramref name="work"/> off the main thread if that is possible, and then <paramref name="finish"/> with
        /// what it returned in a frame that does nothing else that is heavy. What it throws goes to
        /// <paramref name="fail"/>.
        /// </summary>
        internal static void Run<T>(FrameBudget budget, Func<T> work, Action<T> finish, Action<Exception> fail)
        {
            if (HasThreads)
            {
                Task<T> task = Task.Run(work);
                budget.Watch(() => IsSettled(budget, task, finish, fail));
                return;
            }
            budget.AddHeavy(() =>
            {
                Task<T> done = Done(work);
                budget.AddHeavy(() => Settle(done, finish, fail));
            });
        }

        private static bool IsSettled<T>(FrameBudget budget, Task<T> task, Action<T> finish, Action<Exception> fail)
        {
            if (!task.IsCompleted)
            {
                return false;
            }
            budget.AddHeavy(() => Settle(task, finish, fail));
            return true;
        }

        private static void Settle<T>(Task<T> task, Action<T> finish, Action<Exception> fail)
        {
            if (task.IsFaulted)
            {
                fail(task.Exception.InnerException);
            }
            else
            {
                finish(task.Result);
            }
        }

        private static Task<T> Done<T>(Func<T> work)
        {
            try
            {
                return Task.FromResult(work());
            }
            // What went wrong is told where the result would have been.
            catch (Exception error)
            {
                return Task.FromException<T>(error);
            }
        }
    }
}
