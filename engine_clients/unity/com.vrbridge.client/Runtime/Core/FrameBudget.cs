using System;
using System.Collections.Generic;

namespace VRBridge.Core
{
    /// <summary>The time that may be taken of each frame, and what it is spent on.</summary>
    /// <remarks>
    /// Work is a function that does a slice and returns whether it is finished. Slices run while there is time, in the
    /// order they came; those that are heavy, as uploads of textures are, run once a frame at most. What throws is not
    /// tried again.
    /// </remarks>
    public sealed class FrameBudget
    {
        private readonly LinkedList<Func<bool>> _work = new LinkedList<Func<bool>>();
        private readonly LinkedList<Func<bool>> _watched = new LinkedList<Func<bool>>();
        private readonly Queue<Action> _heavy = new Queue<Action>();
        private readonly Func<double> _clock;
        private double _beganS;
        private bool _isLightNext;

        /// <param name="budgetS">Seconds of each frame.</param>
        /// <param name="clock">Seconds that only grow.</param>
        public FrameBudget(double budgetS, Func<double> clock)
        {
            BudgetS = budgetS;
            _clock = clock;
            HasTime = () => _clock() - _beganS < BudgetS;
        }

        /// <summary>Seconds of each frame.</summary>
        public double BudgetS { get; set; }

        /// <summary>What the last frame took, in seconds.</summary>
        public double SpentS { get; private set; }

        /// <summary>Tells whether there is time left in this frame; always the same object.</summary>
        public Func<bool> HasTime { get; }

        /// <summary>How many pieces of work wait.</summary>
        public int NWaiting => _work.Count + _heavy.Count + _watched.Count;

        /// <summary>Begins a frame.</summary>
        public void Begin()
        {
            _beganS = _clock();
        }

        /// <summary>Adds work that is done in slices, until it returns true.</summary>
        public void Add(Func<bool> slice)
        {
            _work.AddLast(slice);
        }

        /// <summary>Adds a step that can't be divided, such as the upload of a texture.</summary>
        public void AddHeavy(Action step)
        {
            _heavy.Enqueue(step);
        }

        /// <summary>Asks once a frame whether something has happened, until it returns true.</summary>
        public void Watch(Func<bool> question)
        {
            _watched.AddLast(question);
        }

        /// <summary>
        /// Works as long as there is time: one step at least, so that it goes on however busy frames are.
        /// </summary>
        public void Run()
        {
            LinkedListNode<Func<bool>> watched = _watched.First;
            while (watched != null)
            {
                LinkedListNode<Func<bool>> next = watched.Next;
                RunOnce(_watched, watched);
                watched = next;
            }
            bool hasDoneHeavy = false;
            if (_heavy.Count > 0 && (!_isLightNext || _work.Count == 0))
            {
                hasDoneHeavy = true;
                _heavy.Dequeue()();
            }
            int nSlices = 0;
            while (_work.Count > 0 && (HasTime() || (nSlices == 0 && !hasDoneHeavy)))
            {
                nSlices++;
                RunOnce(_work, _work.First);
            }
            if (_heavy.Count > 0 && !hasDoneHeavy && HasTime())
            {
                hasDoneHeavy = true;
                _heavy.Dequeue()();
            }
            // Neither kind keeps the other waiting for ever.
            _isLightNext = hasDoneHeavy && nSlices == 0 && _work.Count > 0;
        }

        /// <summary>Ends a frame.</summary>
        public void End()
        {
            SpentS = _clock() - _beganS;
        }

        private static void RunOnce(LinkedList<Func<bool>> list, LinkedListNode<Func<bool>> node)
        {
            bool isFinished = true;
            try
            {
                isFinished = node.Value();
            }
            finally
            {
                if (isFinished && node.List == list)
                {
                    list.Remove(node);
                }
            }
        }
    }
}
