using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using NUnit.Framework;

namespace VRBridge.Core.Tests
{
    /// <summary>The socket itself, with every way in which a line can end.</summary>
    [TestFixture]
    public sealed class NativeSocketTests
    {
        private const double _withinS = 15;

        private NativeSocket _socket;
        private RawServer _server;

        [SetUp]
        public void Begin()
        {
            _socket = new NativeSocket();
            _server = new RawServer();
        }

        [TearDown]
        public void End()
        {
            _socket.Dispose();
            _server.Dispose();
        }

        [Test]
        public void It_asks_for_the_subprotocol_and_for_no_compression()
        {
            Assert.That(_socket.State, Is.EqualTo(SocketState.Closed));
            Assert.That(_socket.Open(_server.Url));
            Assert.That(_socket.State, Is.EqualTo(SocketState.Opening));
            string request = _server.AcceptAndGreet();
            StringAssert.Contains("Sec-WebSocket-Protocol: vrbridge.v1", request);
            Assert.That(request.Contains("permessage-deflate"), Is.False);
            Until(() => _socket.State == SocketState.Open);
        }

        [Test]
        public void It_asks_for_what_the_query_says()
        {
            _socket.Open(_server.Url + "?of=%26%20b&session=a-1f");
            StringAssert.StartsWith("GET /ws?of=%26%20b&session=a-1f HTTP/1.1\r\n", _server.AcceptAndGreet());
        }

        [Test]
        public void An_address_of_IPv6_is_reached()
        {
            if (!HasIPv6())
            {
                Assert.Ignore("This machine has no IPv6.");
            }
            using var server = new RawServer(IPAddress.IPv6Loopback);
            StringAssert.StartsWith("ws://[::1]:", server.Url);
            _socket.Open(server.Url);
            Until(() => server.IsAsked);
            StringAssert.Contains("Host: [::1]:", server.AcceptAndGreet());
            Until(() => _socket.State == SocketState.Open);
            server.Frame(2, new byte[] { 6 });
            Assert.That(Next(out _), Is.EqualTo(new byte[] { 6 }));
        }

        [Test]
        public void Messages_go_out_whole_and_in_order()
        {
            Connect();
            for (int number = 0; number < 200; number++)
            {
                Assert.That(_socket.TrySend(Body(number)));
            }
            for (int number = 0; number < 200; number++)
            {
                KeyValuePair<int, byte[]> frame = _server.ReadFrame();
                Assert.That(frame.Key, Is.EqualTo(2));
                Assert.That(frame.Value, Is.EqualTo(Body(number)));
            }
        }

        [Test]
        public void Messages_come_in_whole_and_in_order_in_however_many_frames()
        {
            Connect();
            int nWoken = 0;
            _socket.Woken = () => Interlocked.Increment(ref nWoken);
            _server.Frame(2, Body(1));
            _server.Frame(2, new byte[] { 1, 2 }, false);
            _server.Frame(0, new byte[] { 3 }, false);
            _server.Frame(0, new byte[] { 4, 5 });
            _server.Frame(1, new byte[] { (byte)'x' });
            _server.Frame(2, new byte[300000]);
            _server.Frame(2, new byte[0]);
            Assert.That(Next(out bool isText), Is.EqualTo(Body(1)));
            Assert.That(isText, Is.False);
            Assert.That(Next(out _), Is.EqualTo(new byte[] { 1, 2, 3, 4, 5 }));
            Next(out isText);
            Assert.That(isText);
            Assert.That(Next(out _).Length, Is.EqualTo(300000));
            Assert.That(Next(out _).Length, Is.EqualTo(0));
            Assert.That(nWoken, Is.GreaterThanOrEqualTo(5));
        }

        [Test]
        public void Messages_go_out_whole_while_pings_are_answered()
        {
            const long nPings = 3000;
            const int nMessages = 1500;
            Connect();
            var pinging = new Thread(() =>
            {
                for (long number = 0; number < nPings; number++)
                {
                    _server.Frame(9, BitConverter.GetBytes(number));
                }
            });
            pinging.IsBackground = true;
            pinging.Start();
            var sending = new Thread(() =>
            {
                for (int number = 0; number < nMessages; number++)
                {
                    byte[] body = Body(number % 20);
                    Until(() => _socket.TrySend(body));
                    Thread.Yield();
                }
            });
            sending.IsBackground = true;
            sending.Start();
            long lastPong = -1;
            int nArrived = 0;
            while (lastPong < nPings - 1 || nArrived < nMessages)
            {
                KeyValuePair<int, byte[]> frame = _server.ReadFrame();
                if (frame.Key == 10)
                {
                    // Of many that wait the older ones may be left out.
                    long pong = BitConverter.ToInt64(frame.Value, 0);
                    Assert.That(pong, Is.GreaterThan(lastPong));
                    lastPong = pong;
                }
                else
                {
                    Assert.That(frame.Value, Is.EqualTo(Body(nArrived % 20)));
                    nArrived++;
                }
            }
            Assert.That(pinging.Join(10000) && sending.Join(10000));
        }

        [TestCase(1000)]
        [TestCase(1001)]
        [TestCase(1009)]
        [TestCase(1011)]
        [TestCase(4010)]
        [TestCase(4501)]
        public void A_close_is_told_behind_what_came_before_it_and_answered(int code)
        {
            Connect();
            _server.Frame(2, new byte[] { 7 });
            _server.Close(code, "because");
            Assert.That(_server.ReadFrame().Key, Is.EqualTo(8), "the answer");
            _server.Reset();
            Until(() => _socket.State == SocketState.Closed);
            Assert.That(_socket.CloseCode, Is.EqualTo(code));
            Assert.That(_socket.CloseReason, Is.EqualTo("because"));
            Assert.That(Next(out _), Is.EqualTo(new byte[] { 7 }));
            Assert.That(_socket.TrySend(new byte[1]), Is.False);
        }

        [TestCase(1012)]
        [TestCase(1013)]
        [TestCase(1014)]
        public void Codes_that_came_later_are_told_too(int code)
        {
            Connect();
            _server.Close(code);
            Assert.That(_server.ReadFrame().Key, Is.EqualTo(8));
            _server.Reset();
            Until(() => _socket.State == SocketState.Closed);
            Assert.That(_socket.CloseCode, Is.EqualTo(code));
        }

        [Test]
        public void A_line_that_breaks_is_a_close_without_a_code()
        {
            Connect();
            _server.Reset();
            Until(() => _socket.State == SocketState.Closed);
            Assert.That(_socket.CloseCode, Is.EqualTo(1006));
        }

        [TestCase("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")]
        [TestCase("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")]
        [TestCase("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")]
        [TestCase("nonsense\r\n\r\n")]
        public void A_handshake_that_fails_is_a_close_without_a_code(string answer)
        {
            _socket.Open(_server.Url);
            _server.Accept();
            _server.Write(answer);
            Until(() => _socket.State == SocketState.Closed);
            Assert.That(_socket.CloseCode, Is.EqualTo(1006));
        }

        [Test]
        public void A_handshake_that_nobody_answers_can_be_given_up_and_another_begun()
        {
            _socket.Open(_server.Url);
            _server.Accept();
            Assert.That(_socket.State, Is.EqualTo(SocketState.Opening));
            _socket.Abort();
            Assert.That(_socket.State, Is.EqualTo(SocketState.Closed));
            using var other = new RawServer();
            _socket.Open(other.Url);
            other.AcceptAndGreet();
            Until(() => _socket.State == SocketState.Open);
            other.Frame(2, new byte[] { 5 });
            Assert.That(Next(out _), Is.EqualTo(new byte[] { 5 }));
        }

        [Test]
        public void A_farewell_goes_out_behind_what_waits_and_is_answered()
        {
            Connect();
            _socket.TrySend(Body(3));
            _socket.Close(4010, "gap");
            Assert.That(_socket.TrySend(Body(4)), Is.False);
            Assert.That(_server.ReadFrame().Value, Is.EqualTo(Body(3)));
            KeyValuePair<int, byte[]> farewell = _server.ReadFrame();
            Assert.That(farewell.Key, Is.EqualTo(8));
            Assert.That((farewell.Value[0] << 8) | farewell.Value[1], Is.EqualTo(4010));
            _server.Close(4010);
            Until(() => _socket.State == SocketState.Closed);
        }

        [Test]
        public void A_farewell_that_nobody_answers_ends_by_itself()
        {
            Connect();
            _socket.Close(1000, "");
            Until(() => _socket.State == SocketState.Closed);
        }

        [Test]
        public void A_socket_that_is_let_go_while_it_closes_still_says_farewell()
        {
            Connect();
            _socket.Close(1000, "");
            _socket.Dispose();
            Assert.That(_server.ReadFrame().Key, Is.EqualTo(8));
        }

        [Test]
        public void What_nobody_takes_fills_no_memory()
        {
            Connect();
            var body = new byte[1 << 20];
            int nSent = 0;
            var sending = new Thread(() =>
            {
                try
                {
                    for (; nSent < 80; nSent++)
                    {
                        _server.Frame(2, body);
                    }
                }
                catch (System.IO.IOException)
                {
                    // The test is over.
                }
            });
            sending.IsBackground = true;
            sending.Start();
            WaitWhileItChanges(() => nSent);
            Assert.That(nSent, Is.InRange(32, 60), "the queue, and what the system holds for both sides");
            for (int number = 0; number < 80; number++)
            {
                Assert.That(Next(out _).Length, Is.EqualTo(1 << 20));
            }
            Assert.That(sending.Join(10000));
        }

        [Test]
        public void What_the_other_side_does_not_take_is_refused_in_time()
        {
            Connect();
            var body = new byte[1 << 20];
            int nTaken = 0;
            while (nTaken < 200 && _socket.TrySend(body))
            {
                nTaken++;
                Thread.Sleep(1);
            }
            Assert.That(nTaken, Is.InRange(1, 60), "what the system holds for both sides, and two");
            _server.ReadFrame();
            for (int number = 1; number < nTaken; number++)
            {
                Assert.That(_server.ReadFrame().Value.Length, Is.EqualTo(1 << 20));
            }
            Until(() => _socket.TrySend(new byte[] { 9 }));
            Assert.That(_server.ReadFrame().Value, Is.EqualTo(new byte[] { 9 }));
        }

        [Test]
        public void A_message_that_never_ends_is_not_taken()
        {
            Connect();
            var sending = new Thread(() =>
            {
                try
                {
                    for (int number = 0; number < 40; number++)
                    {
                        _server.Frame(number == 0 ? 2 : 0, new byte[1 << 20], false);
                    }
                }
                catch (System.IO.IOException)
                {
                    // That is what it is about.
                }
                catch (System.InvalidOperationException)
                {
                    // The test has ended, and its server with it.
                }
            });
            sending.IsBackground = true;
            sending.Start();
            Until(() => _socket.State == SocketState.Closed);
            Assert.That(_socket.CloseCode, Is.EqualTo(1009));
            Assert.That(_socket.TryReceive(out _), Is.False);
        }

        private static bool HasIPv6()
        {
            try
            {
                new RawServer(IPAddress.IPv6Loopback).Dispose();
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        }

        private void Connect()
        {
            _socket.Open(_server.Url);
            _server.AcceptAndGreet();
            Until(() => _socket.State == SocketState.Open);
        }

        private byte[] Next(out bool isText)
        {
            SocketMessage message = default;
            Until(() => _socket.TryReceive(out message));
            isText = message.IsText;
            return message.Span.ToArray();
        }

        private static byte[] Body(int number)
        {
            return SessionDesk.Bytes(1 + (37 * number));
        }

        private static void Until(Func<bool> isSo)
        {
            double endS = Now() + _withinS;
            while (!isSo())
            {
                Assert.That(Now(), Is.LessThan(endS), "it did not come to it");
                Thread.Sleep(1);
            }
        }

        /// <summary>Waits until a number has been the same for a while.</summary>
        private static void WaitWhileItChanges(Func<int> number)
        {
            int before = -1;
            while (before != number())
            {
                before = number();
                Thread.Sleep(700);
            }
        }

        private static double Now()
        {
            return Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency;
        }
    }
}
