using System;
using System.IO;
using System.Security.Cryptography;
using System.Text;

namespace VRBridge.Core
{
    /// <summary>The HTTP exchange that a WebSocket begins with (RFC 6455, section 4).</summary>
    internal static class Handshake
    {
        private const string _subprotocol = "vrbridge.v1";
        private const string _magic = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
        private const string _accept = "sec-websocket-accept:";
        private const int _keyBytes = 16;
        private const int _maxBytes = 16 << 10;

        /// <summary>Asks for a WebSocket, and reads the answer and nothing behind it.</summary>
        /// <exception cref="IOException">If the other side doesn't agree.</exception>
        internal static void Do(Stream stream, Uri address)
        {
            var random = new byte[_keyBytes];
            using (RandomNumberGenerator generator = RandomNumberGenerator.Create())
            {
                generator.GetBytes(random);
            }
            string key = Convert.ToBase64String(random);
            byte[] request = Encoding.ASCII.GetBytes(
                $"GET {address.PathAndQuery} HTTP/1.1\r\nHost: {address.Authority}\r\nUpgrade: websocket\r\n"
                + $"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
                + $"Sec-WebSocket-Protocol: {_subprotocol}\r\n\r\n");
            stream.Write(request, 0, request.Length);
            Check(ReadAnswer(stream), key);
        }

        private static void Check(string answer, string key)
        {
            string[] lines = answer.Split(new[] { "\r\n" }, StringSplitOptions.None);
            if (!lines[0].StartsWith("HTTP/1.1 101", StringComparison.Ordinal))
            {
                throw new IOException("The other side does not speak WebSocket.");
            }
            using SHA1 hash = SHA1.Create();
            string wanted = Convert.ToBase64String(hash.ComputeHash(Encoding.ASCII.GetBytes(key + _magic)));
            foreach (string line in lines)
            {
                if (line.StartsWith(_accept, StringComparison.OrdinalIgnoreCase)
                    && line.Substring(_accept.Length).Trim() == wanted)
                {
                    return;
                }
            }
            throw new IOException("The other side answered another handshake.");
        }

        /// <summary>Byte by byte: what follows the head belongs to the WebSocket.</summary>
        private static string ReadAnswer(Stream stream)
        {
            var answer = new StringBuilder();
            while (answer.Length < _maxBytes)
            {
                int next = stream.ReadByte();
                if (next < 0)
                {
                    throw new EndOfStreamException();
                }
                answer.Append((char)next);
                if (next == '\n' && answer.Length > 3 && answer[answer.Length - 3] == '\n')
                {
                    return answer.ToString();
                }
            }
            throw new IOException("The answer is too long.");
        }
    }
}
