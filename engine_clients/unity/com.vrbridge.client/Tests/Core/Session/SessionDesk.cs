using System;
using System.Collections.Generic;
using System.Security.Cryptography;

namespace VRBridge.Core.Tests
{
    /// <summary>A session on a fake socket with a clock that the test turns.</summary>
    internal sealed class SessionDesk : IReportSink
    {
        private readonly ContextSlot _context = new ContextSlot();
        private long _lastId;

        internal SessionDesk(int windowBytes = 4096, long maxHeldBytes = 8192, double giveUpS = 300)
        {
            var options = new BridgeOptions
            {
                ClientName = "test",
                ChunkBytes = 1024,
                WindowBytes = windowBytes,
                MaxHeldBytes = maxHeldBytes,
                GiveUpS = giveUpS,
            };
            Core = new SessionCore(options, this);
            Link = new Link(Core, Socket, this, options, _context, () => 0.5);
        }

        internal FakeSocket Socket { get; } = new FakeSocket();

        internal SessionCore Core { get; }

        internal Link Link { get; }

        internal double NowS { get; private set; }

        internal long Seq { get; set; }

        /// <summary>What was told, in order.</summary>
        internal List<Report> Told { get; } = new List<Report>();

        /// <summary>Whether the session may take messages.</summary>
        internal bool MayTake { get; set; } = true;

        internal List<double> Waits => Told.FindAll(report => report.Kind == ReportKind.Lost)
            .ConvertAll(report => report.Number);

        internal List<BridgeError> Errors => Told.FindAll(report => report.Kind == ReportKind.GaveUp)
            .ConvertAll(report => report.Error);

        public void Add(in Report report)
        {
            Told.Add(report);
            if (report.Kind == ReportKind.AssetGrew)
            {
                report.Asset.GrowthTold();
            }
        }

        /// <summary>Bytes that differ from their neighbours.</summary>
        internal static byte[] Bytes(int count)
        {
            var bytes = new byte[count];
            for (int index = 0; index < count; index++)
            {
                bytes[index] = (byte)((index * 7) + (index / 251));
            }
            return bytes;
        }

        internal static string DigestOf(byte[] bytes)
        {
            using SHA256 hash = SHA256.Create();
            return "sha256:" + BitConverter.ToString(hash.ComputeHash(bytes)).Replace("-", "").ToLowerInvariant();
        }

        /// <summary>Reports of a request, in order.</summary>
        internal List<Report> Of(long id)
        {
            return Told.FindAll(report => report.Id == id && report.Asset == null);
        }

        internal List<ReportKind> KindsOf(long id)
        {
            return Of(id).ConvertAll(report => report.Kind);
        }

        /// <summary>Complete assets of a request.</summary>
        internal List<BridgeAsset> AssetsOf(long id)
        {
            return Told.FindAll(report => report.Id == id && report.Kind == ReportKind.AssetReceived)
                .ConvertAll(report => report.Asset);
        }

        /// <summary>Has the socket open, as it does at once unless the server is gone.</summary>
        internal void Open()
        {
            if (Link.Phase == LinkPhase.Idle)
            {
                Link.Start(NowS);
            }
            if (Link.Phase == LinkPhase.Opening)
            {
                Socket.State = SocketState.Open;
                Turn();
            }
        }

        /// <summary>Connects and has the server welcome it.</summary>
        internal void Greet(bool isResumed = false, BridgeMap more = null)
        {
            Open();
            var welcome = new BridgeMap
            {
                { "type", "welcome" },
                { "version", 1 },
                { "session", "s" },
                { "secret", "x" },
                { "resumed", isResumed },
            };
            welcome.Merge(more ?? new BridgeMap());
            Hear(welcome);
            if (!isResumed)
            {
                Seq = 0;
            }
        }

        /// <summary>Lets time pass, in steps as long as a session's.</summary>
        internal void Turn(double seconds = 0)
        {
            double endS = NowS + seconds;
            Link.Advance(NowS, () => MayTake);
            while (NowS < endS)
            {
                NowS = Math.Min(endS, NowS + 0.05);
                Link.Advance(NowS, () => MayTake);
            }
        }

        /// <summary>Lets time pass in which nothing runs.</summary>
        internal void StandStill(double seconds)
        {
            NowS += seconds;
        }

        /// <summary>Has the line break.</summary>
        internal void Cut(int code = 1006)
        {
            Socket.CloseCode = code;
            Socket.State = SocketState.Closed;
            Turn();
        }

        /// <summary>Lets time pass until it tries again.</summary>
        internal void WaitForAttempt()
        {
            while (Link.Phase == LinkPhase.Waiting)
            {
                Turn(0.05);
            }
        }

        /// <summary>Has the server say something.</summary>
        internal void Hear(BridgeMap message)
        {
            Socket.Say(MessagePackWriter.Encode(message));
            Turn();
        }

        /// <summary>Has the server say something that counts.</summary>
        internal void Say(BridgeMap message)
        {
            Seq++;
            message["seq"] = Seq;
            Hear(message);
        }

        /// <summary>Makes a request and sends it; returns its id.</summary>
        internal long Ask(string kind = "texture", bool isResent = true, BridgeMap parameters = null)
        {
            _lastId++;
            var message = new BridgeMap
            {
                { "type", "request" },
                { "id", _lastId },
                { "kind", kind },
                { "params", parameters ?? new BridgeMap() },
            };
            Core.Request(new OpenRequest(_lastId, MessagePackWriter.Encode(message), isResent));
            Link.SendNow();
            return _lastId;
        }

        internal void Accept(long id, int position = 0)
        {
            Say(new BridgeMap { { "type", "accepted" }, { "id", id }, { "position", position } });
        }

        internal void Done(long id)
        {
            Say(new BridgeMap
            {
                { "type", "done" }, { "id", id }, { "result", new BridgeMap() }, { "timing", new BridgeMap() },
            });
        }

        /// <summary>Has the server announce an asset.</summary>
        internal void Announce(long id, long number, byte[] body)
        {
            Say(new BridgeMap
            {
                { "type", "asset" },
                { "id", id },
                { "asset", number },
                { "role", "base_color" },
                { "media_type", "image/ktx2" },
                { "bytes", body.Length },
                { "digest", DigestOf(body) },
                { "meta", new BridgeMap() },
            });
        }

        /// <summary>Has the server send a piece of an asset.</summary>
        internal void Chunk(long asset, byte[] body, int from, int to)
        {
            var piece = new byte[to - from];
            Array.Copy(body, from, piece, 0, piece.Length);
            Hear(new BridgeMap { { "type", "chunk" }, { "asset", asset }, { "offset", from }, { "data", piece } });
        }

        /// <summary>Says what the player sees.</summary>
        internal void See(string place)
        {
            _context.Put(new BridgeContext { Place = place });
        }
    }
}
