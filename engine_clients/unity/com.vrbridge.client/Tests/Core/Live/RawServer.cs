using System;
using System.Collections.Generic;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace VRBridge.Core.Tests
{
    /// <summary>The other end of one WebSocket, on this machine: the test says byte for byte what it sends.</summary>
    internal sealed class RawServer : IDisposable
    {
        private const int _withinMs = 10000;
        private const string _magic = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

        private readonly TcpListener _listener;
        private TcpClient _client;

        /// <param name="address">Where it listens; null for the loopback of IPv4.</param>
        internal RawServer(IPAddress address = null)
        {
            _listener = new TcpListener(address ?? IPAddress.Loopback, 0);
            _listener.Start(1);
        }

        internal string Url => "ws://" + _listener.LocalEndpoint + "/ws";

        /// <summary>Whether a client waits to be accepted.</summary>
        internal bool IsAsked => _listener.Pending();

        private NetworkStream Stream => _client.GetStream();

        public void Dispose()
        {
            _client?.Close();
            _listener.Stop();
        }

        /// <summary>Waits for a client and reads what it asks for.</summary>
        internal string Accept()
        {
            _client = _listener.AcceptTcpClient();
            _client.ReceiveTimeout = _withinMs;
            var request = new StringBuilder();
            while (!request.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
            {
                request.Append((char)ReadByte());
            }
            return request.ToString();
        }

        /// <summary>Lets the client in.</summary>
        internal string AcceptAndGreet()
        {
            string request = Accept();
            int start = request.IndexOf("Sec-WebSocket-Key: ", StringComparison.OrdinalIgnoreCase) + 19;
            string key = request.Substring(start, request.IndexOf('\r', start) - start).Trim();
            using SHA1 hash = SHA1.Create();
            string answer = Convert.ToBase64String(hash.ComputeHash(Encoding.ASCII.GetBytes(key + _magic)));
            Write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Protocol: vrbridge.v1\r\nSec-WebSocket-Accept: " + answer + "\r\n\r\n");
            return request;
        }

        internal void Write(string text)
        {
            Write(Encoding.ASCII.GetBytes(text));
        }

        internal void Write(byte[] bytes)
        {
            Stream.Write(bytes, 0, bytes.Length);
        }

        /// <summary>Sends a frame: 1 is text, 2 binary, 0 goes on, 8 closes.</summary>
        internal void Frame(int kind, byte[] body, bool isLast = true)
        {
            var head = new List<byte> { (byte)((isLast ? 0x80 : 0) | kind) };
            if (body.Length < 126)
            {
                head.Add((byte)body.Length);
            }
            else
            {
                head.Add(127);
                for (int shift = 56; shift >= 0; shift -= 8)
                {
                    head.Add((byte)((long)body.Length >> shift));
                }
            }
            Write(head.ToArray());
            Write(body);
        }

        internal void Close(int code, string reason = "")
        {
            var body = new List<byte> { (byte)(code >> 8), (byte)code };
            body.AddRange(Encoding.UTF8.GetBytes(reason));
            Frame(8, body.ToArray());
        }

        /// <summary>Reads a frame of the client: its kind, and its body without the mask.</summary>
        internal KeyValuePair<int, byte[]> ReadFrame()
        {
            int kind = ReadByte() & 0x0f;
            int second = ReadByte();
            if (second < 0x80)
            {
                throw new InvalidOperationException("The client's frame has no mask.");
            }
            long length = second & 0x7f;
            int nWide = length == 126 ? 2 : length == 127 ? 8 : 0;
            length = nWide > 0 ? 0 : length;
            for (int index = 0; index < nWide; index++)
            {
                length = (length << 8) | (byte)ReadByte();
            }
            byte[] mask = Read(4);
            byte[] body = Read((int)length);
            for (int index = 0; index < body.Length; index++)
            {
                body[index] ^= mask[index % 4];
            }
            return new KeyValuePair<int, byte[]>(kind, body);
        }

        /// <summary>Breaks off without a word.</summary>
        internal void Reset()
        {
            _client.LingerState = new LingerOption(true, 0);
            _client.Close();
        }

        private byte[] Read(int count)
        {
            var bytes = new byte[count];
            for (int done = 0; done < count;)
            {
                int n = Stream.Read(bytes, done, count - done);
                if (n == 0)
                {
                    throw new InvalidOperationException("The client is gone.");
                }
                done += n;
            }
            return bytes;
        }

        private int ReadByte()
        {
            return Read(1)[0];
        }
    }
}
