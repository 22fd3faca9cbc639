using System;
using System.Diagnostics;
using UnityEditor;
using VRBridge.Core;

namespace VRBridge.Editor
{
    /// <summary>
    /// A connection of the editor's own, which asks for formats that can be saved in a project for every platform.
    /// </summary>
    internal sealed class EditorConnection : IDisposable
    {
        // The editor may stutter a little; it must not stand still.
        private const double _budgetS = 0.008;

        private readonly BridgeConnection _connection = new BridgeConnection();
        private readonly Func<bool> _hasTime;
        private double _beganS;

        internal EditorConnection()
        {
            _hasTime = () => NowS() - _beganS < _budgetS;
            _connection.Connected += _ => _connection.Ping();
            _connection.PingMeasured += (roundTripS, _) => RoundTripS = roundTripS;
            _connection.ErrorOccurred += error => Error = error;
            _connection.Disconnected += NoteDisconnected;
            EditorApplication.update += Update;
        }

        /// <summary>What went wrong last; null if nothing did.</summary>
        internal BridgeError Error { get; private set; }

        /// <summary>How long the server takes to answer; negative as long as that is not known.</summary>
        internal double RoundTripS { get; private set; } = -1;

        /// <summary>Whether there is a connection at present.</summary>
        internal bool IsConnected => _connection.IsConnected;

        /// <summary>Whether it connects, or tries to.</summary>
        internal bool IsOpen => _connection.IsOpen;

        /// <summary>Name and version of the server.</summary>
        internal BridgeMap Server => _connection.Server;

        /// <summary>What the server can answer.</summary>
        internal BridgeMap Capabilities => _connection.Capabilities;

        /// <summary>Connects, instead of an older connection; empty arguments take the project's settings.</summary>
        internal void Open(string url, string token)
        {
            BridgeOptions options = VRBridgeSettings.OfProject().Options();
            options.Url = string.IsNullOrEmpty(url) ? options.Url : url;
            options.Token = string.IsNullOrEmpty(token) ? options.Token : token;
            options.TextureFormats = new[] { "png" };
            options.MeshFormats = new[] { "arrays" };
            Error = null;
            RoundTripS = -1;
            _connection.Open(options);
        }

        /// <summary>Asks for something.</summary>
        internal BridgeRequest Request(string kind, BridgeMap parameters)
        {
            return _connection.Request(kind, parameters);
        }

        /// <summary>Closes it.</summary>
        public void Dispose()
        {
            EditorApplication.update -= Update;
            _connection.Dispose();
        }

        private void Update()
        {
            _beganS = NowS();
            _connection.Update(_hasTime);
        }

        private void NoteDisconnected(int closeCode, double retryInS)
        {
            RoundTripS = -1;
            Error = new BridgeError("unavailable", $"The server doesn't answer; the next try is in {retryInS:0.#} s.", true);
        }

        private static double NowS()
        {
            return Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency;
        }
    }
}
