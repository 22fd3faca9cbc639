using System;
using System.Collections.Generic;
using NUnit.Framework;

namespace VRBridge.Core.Tests
{
    /// <summary>
    /// A server that says what it has planned, over lines that break at random; it keeps to the protocol.
    /// </summary>
    internal sealed class ScriptedServer
    {
        private const int _maxChunk = 700;

        private readonly SessionDesk _desk;
        private readonly Random _random;

        // What counts, by its seq; and the assets, with how much of each this connection was sent.
        private readonly List<BridgeMap> _log = new List<BridgeMap>();
        private readonly Dictionary<long, byte[]> _bodies = new Dictionary<long, byte[]>();
        private readonly Dictionary<long, int> _offsets = new Dictionary<long, int>();
        private readonly Dictionary<long, string> _texts = new Dictionary<long, string>();
        private int _next;

        internal ScriptedServer(SessionDesk desk, Random random)
        {
            _desk = desk;
            _random = random;
        }

        internal bool IsDone => _next == _log.Count && _desk.Core.Received == _log.Count;

        /// <summary>Thinks of an answer to each request.</summary>
        internal void Plan(List<long> ids)
        {
            var queues = new List<Queue<BridgeMap>>();
            foreach (long id in ids)
            {
                queues.Add(Answer(id));
            }
            while (queues.Count > 0)
            {
                Queue<BridgeMap> queue = queues[_random.Next(queues.Count)];
                BridgeMap message = queue.Dequeue();
                message["seq"] = _log.Count + 1;
                _log.Add(message);
                if (queue.Count == 0)
                {
                    queues.Remove(queue);
                }
            }
        }

        /// <summary>Says something, or has the line break and come back.</summary>
        internal void Step()
        {
            if (_random.Next(25) == 0)
            {
                BreakLine();
            }
            long asset = Unfinished(_next < _log.Count ? _log[_next] : null);
            if (asset >= 0)
            {
                SendChunk(asset);
            }
            else if (_next < _log.Count)
            {
                Send();
            }
        }

        /// <summary>Checks that all of an answer arrived, once and in order.</summary>
        internal void Check(long id, string name)
        {
            List<BridgeAsset> assets = _desk.AssetsOf(id);
            foreach (BridgeAsset asset in assets)
            {
                Assert.That(asset.Span.ToArray(), Is.EqualTo(_bodies[asset.Number]), name);
            }
            int nPlanned = 0;
            foreach (BridgeMap message in _log)
            {
                nPlanned += message.Text("type") == "asset" && message.Whole("id") == id ? 1 : 0;
            }
            Assert.That(assets.Count, Is.EqualTo(nPlanned), name);
            string said = "";
            foreach (Report report in _desk.Of(id))
            {
                said += report.Kind == ReportKind.Text ? report.Text : "";
            }
            Assert.That(said, Is.EqualTo(_texts[id]), name);
            List<ReportKind> kinds = _desk.KindsOf(id);
            Assert.That(kinds[0], Is.EqualTo(ReportKind.Accepted), name);
            Assert.That(kinds.FindAll(kind => kind == ReportKind.Completed).Count, Is.EqualTo(1), name);
            Assert.That(kinds[kinds.Count - 1], Is.EqualTo(ReportKind.Completed), name);
        }

        private Queue<BridgeMap> Answer(long id)
        {
            var answer = new Queue<BridgeMap>();
            answer.Enqueue(new BridgeMap { { "type", "accepted" }, { "id", id }, { "position", 0 } });
            string text = "";
            int nParts = _random.Next(1, 6);
            for (int part = 0; part < nParts; part++)
            {
                if (_random.Next(2) == 0)
                {
                    string piece = "piece " + part + " ";
                    answer.Enqueue(new BridgeMap
                    {
                        { "type", "text" }, { "id", id }, { "text", piece }, { "offset", text.Length },
                    });
                    text += piece;
                }
                else
                {
                    answer.Enqueue(Asset(id));
                }
            }
            _texts[id] = text;
            answer.Enqueue(new BridgeMap { { "type", "done" }, { "id", id } });
            return answer;
        }

        private BridgeMap Asset(long id)
        {
            long number = _bodies.Count;
            var body = new byte[_random.Next(0, 3000)];
            _random.NextBytes(body);
            _bodies[number] = body;
            return new BridgeMap
            {
                { "type", "asset" }, { "id", id }, { "asset", number }, { "role", "r" }, { "bytes", body.Length },
                { "digest", SessionDesk.DigestOf(body) },
            };
        }

        private void Send()
        {
            BridgeMap message = _log[_next];
            _next++;
            if (message.Text("type") == "asset")
            {
                _offsets[message.Whole("asset")] = 0;
            }
            _desk.Hear(message);
        }

        private void SendChunk(long asset)
        {
            byte[] body = _bodies[asset];
            int from = _offsets[asset];
            int to = Math.Min(body.Length, from + _random.Next(1, _maxChunk));
            _offsets[asset] = to;
            _desk.Chunk(asset, body, from, to);
        }

        /// <summary>An asset that has to be sent on before this message, or may be.</summary>
        private long Unfinished(BridgeMap next)
        {
            bool mustFinish = next == null || next.Text("type") == "done";
            foreach (KeyValuePair<long, int> sent in _offsets)
            {
                if (sent.Value < _bodies[sent.Key].Length && (mustFinish || _random.Next(2) == 0))
                {
                    return sent.Key;
                }
            }
            return -1;
        }

        private void BreakLine()
        {
            _desk.Cut();
            // Sometimes it breaks once more before the greeting is answered.
            for (int again = _random.Next(3); again > 0; again--)
            {
                _desk.WaitForAttempt();
                _desk.Cut();
            }
            _desk.WaitForAttempt();
            _desk.Open();
            BridgeMap resume = _desk.Socket.Sent[0].MapOf("resume");
            _next = (int)resume.Whole("received");
            _offsets.Clear();
            foreach (BridgeValue entry in resume.ListOf("assets"))
            {
                _offsets[entry.AsMap().Whole("asset")] = (int)entry.AsMap().Whole("offset");
            }
            _desk.Greet(true, new BridgeMap { { "secret", "s" + _random.Next() } });
        }
    }
}
