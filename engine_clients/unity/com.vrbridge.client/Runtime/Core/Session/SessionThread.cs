using System;
using System.Threading;

namespace VRBridge.Core
{
    /// <summary>Runs a session on a thread of its own, so that reading and checking cost no frame anything.</summary>
    internal sealed class SessionThread
    {
        // What is due by the clock is looked at so often.
        private const int _tickMs = 50;

        private readonly SessionHost _host;
        private readonly AutoResetEvent _woken = new AutoResetEvent(false);
        private volatile bool _isStopped;

        internal SessionThread(SessionHost host)
        {
            _host = host;
        }

        /// <summary>Begins.</summary>
        internal void Start()
        {
            new Thread(Run) { Name = "vrbridge session", IsBackground = true }.Start();
        }

        /// <summary>Has it look at what there is, from any thread.</summary>
        internal void Wake()
        {
            _woken.Set();
        }

        /// <summary>Has it say farewell and end.</summary>
        internal void Stop()
        {
            _isStopped = true;
            _woken.Set();
        }

        private void Run()
        {
            try
            {
                _host.Start();
                while (!_isStopped)
                {
                    _host.Advance();
                    _woken.WaitOne(_tickMs);
                }
                _host.Stop();
            }
            catch (Exception fault)
            {
                // Nobody sees what a thread ends with, and a player's program would end with it.
                _host.Fail(fault);
            }
            finally
            {
                _host.Dispose();
            }
        }
    }
}
