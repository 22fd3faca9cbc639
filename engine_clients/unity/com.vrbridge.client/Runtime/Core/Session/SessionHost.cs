using System;
using System.Collections.Generic;
using System.Threading;

namespace VRBridge.Core
{
    /// <summary>What the main thread wants of a session.</summary>
    internal enum OrderKind
    {
        Request,
        Cancel,
        Skip,
        Heard,
        Forget,
        Ping,
        Drop,
        Hurry,
    }

    /// <summary>Something that the main thread wants of a session; which fields are used depends on its kind.</summary>
    internal readonly struct Order
    {
        internal Order(
            OrderKind kind,
            long id = 0,
            long count = 0,
            byte[] message = null,
            bool isResent = true,
            string scope = "",
            string session = "")
        {
            Kind = kind;
            Id = id;
            Count = count;
            Message = message;
            IsResent = isResent;
            Scope = scope;
            Session = session;
        }

        internal OrderKind Kind { get; }

        internal long Id { get; }

        internal long Count { get; }

        internal byte[] Message { get; }

        internal bool IsResent { get; }

        internal string Scope { get; }

        internal string Session { get; }
    }

    /// <summary>
    /// One session with all that it needs: orders in, reports out. Everything but the orders is for one thread.
    /// </summary>
    internal sealed class SessionHost : IDisposable
    {
        // Orders come from people and frames; a session takes them many times a second.
        private const int _maxOrders = 8192;

        private readonly object _lock = new object();
        private readonly Queue<Order> _orders = new Queue<Order>();
        private readonly IWebSocket _socket;
        private readonly SessionCore _core;
        private readonly Link _link;
        private readonly Func<double> _clock;
        private readonly Func<bool> _mayTake;
        private readonly Action<BridgeAsset> _released;
        private Func<bool> _mayGoOn;
        private bool _hasTaken;
        private long _consumedBytes;
        private long _nReceivedBytes;

        internal SessionHost(BridgeOptions options, IWebSocket socket, Func<double> clock, Func<double> random)
        {
            _socket = socket;
            _clock = clock;
            var sink = new Sink(this);
            _core = new SessionCore(options, sink);
            _link = new Link(_core, socket, sink, options, Context, random);
            _mayTake = MayTake;
            _released = Consume;
        }

        /// <summary>What there is to tell.</summary>
        internal ReportQueue Reports { get; } = new ReportQueue();

        /// <summary>What the player sees.</summary>
        internal ContextSlot Context { get; } = new ContextSlot();

        /// <summary>Bytes that have arrived, in all; from any thread.</summary>
        internal long NReceivedBytes => Interlocked.Read(ref _nReceivedBytes);

        /// <summary>Whether there is nothing more to do.</summary>
        internal bool IsEnded => _link.Phase == LinkPhase.Ended;

        /// <summary>
        /// Lets go of everything, without a farewell to the server if <see cref="Stop"/> was not called.
        /// </summary>
        public void Dispose()
        {
            _socket.Dispose();
            _core.Dispose();
            Context.Dispose();
        }

        /// <summary>Gives an order, from any thread; it is done when the session's thread comes to it.</summary>
        internal void Give(in Order order)
        {
            lock (_lock)
            {
                if (_orders.Count >= _maxOrders)
                {
                    throw new InvalidOperationException("The session was given too much to do at once.");
                }
                _orders.Enqueue(order);
            }
            _socket.Woken?.Invoke();
        }

        /// <summary>Begins to connect.</summary>
        internal void Start()
        {
            _link.Start(_clock());
        }

        /// <summary>Does what is due.</summary>
        /// <param name="mayGoOn">
        /// Whether another message may be read behind the first; null where nobody waits for it.
        /// </param>
        internal void Advance(Func<bool> mayGoOn = null)
        {
            _mayGoOn = mayGoOn;
            _hasTaken = false;
            TakeOrders();
            long nBytes = Interlocked.Exchange(ref _consumedBytes, 0);
            if (nBytes > 0)
            {
                _core.Consumed(nBytes);
            }
            _link.Advance(_clock(), _mayTake);
            Interlocked.Exchange(ref _nReceivedBytes, _link.NReceivedBytes);
        }

        /// <summary>Says farewell to the server.</summary>
        internal void Stop()
        {
            TakeOrders();
            _link.Stop();
        }

        /// <summary>Says farewell and lets go of everything.</summary>
        internal void End()
        {
            Stop();
            Dispose();
        }

        /// <summary>Gives up because of a fault of this package.</summary>
        internal void Fail(Exception fault)
        {
            // Only what it is: its message could hold what a player said.
            Reports.Add(Report.GaveUp(new BridgeError(
                "internal", $"The client broke down ({fault.GetType().Name}); open a connection again.", true)));
        }

        private bool MayTake()
        {
            bool mayTake = Reports.HasRoom && (!_hasTaken || _mayGoOn == null || _mayGoOn());
            _hasTaken = true;
            return mayTake;
        }

        private void TakeOrders()
        {
            while (TryTakeOrder(out Order order))
            {
                Do(order);
            }
            _link.SendNow();
        }

        private bool TryTakeOrder(out Order order)
        {
            lock (_lock)
            {
                bool isThere = _orders.Count > 0;
                order = isThere ? _orders.Dequeue() : default;
                return isThere;
            }
        }

        private void Do(in Order order)
        {
            switch (order.Kind)
            {
                case OrderKind.Request:
                    Request(order);
                    break;
                case OrderKind.Cancel:
                    _core.Cancel(order.Id);
                    break;
                case OrderKind.Skip:
                    _core.Skip(order.Id);
                    break;
                case OrderKind.Heard:
                    _core.Heard(order.Id, order.Count);
                    break;
                case OrderKind.Forget:
                    Check(!IsEnded && _core.Forget(order.Scope, order.Session));
                    break;
                case OrderKind.Ping:
                    Check(_core.Ping(_clock()));
                    break;
                case OrderKind.Drop:
                    _link.Drop();
                    break;
                case OrderKind.Hurry:
                    _link.Hurry(_clock());
                    break;
            }
        }

        private void Request(in Order order)
        {
            if (IsEnded)
            {
                Reports.Add(Report.Failed(order.Id, NotOpen()));
                return;
            }
            // An answer has to be about what the player sees now.
            _link.HastenContext();
            _core.Request(new OpenRequest(order.Id, order.Message, order.IsResent));
        }

        /// <summary>Returns why nothing can be asked for.</summary>
        internal static BridgeError NotOpen()
        {
            return new BridgeError("cannot_connect", "There is no connection: open one first.", true);
        }

        private void Check(bool isSent)
        {
            if (!isSent)
            {
                Reports.Add(Report.Complained(new BridgeError(
                    "unavailable", "There is no connection at present; try again later.", true)));
            }
        }

        private void Consume(BridgeAsset asset)
        {
            Interlocked.Add(ref _consumedBytes, asset.NBytes);
            _socket.Woken?.Invoke();
        }

        /// <summary>Has the session told when an asset is used.</summary>
        private sealed class Sink : IReportSink
        {
            private readonly SessionHost _host;

            internal Sink(SessionHost host)
            {
                _host = host;
            }

            public void Add(in Report report)
            {
                if (report.Kind == ReportKind.AssetReceived)
                {
                    report.Asset.OnReleased(_host._released);
                }
                _host.Reports.Add(report);
            }
        }
    }
}
