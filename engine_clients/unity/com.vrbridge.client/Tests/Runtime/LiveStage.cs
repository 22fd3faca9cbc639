using System;
using System.Collections;
using System.Collections.Generic;
using NUnit.Framework;
using UnityEngine;
using VRBridge.Core;

namespace VRBridge.Tests
{
    /// <summary>A scene that is connected to a real server, which the environment names.</summary>
    internal sealed class LiveStage
    {
        private const string _urlVariable = "VRBRIDGE_TEST_URL";
        private const string _tokenVariable = "VRBRIDGE_TEST_TOKEN";

        /// <summary>Objects of the test.</summary>
        internal Stage Objects { get; } = new Stage();

        /// <summary>The client of the scene.</summary>
        internal VRBridgeClient Client { get; private set; }

        /// <summary>What went wrong so far.</summary>
        internal List<BridgeError> Errors { get; } = new List<BridgeError>();

        /// <summary>Connects to the server; the test is ignored where none is named.</summary>
        internal IEnumerator Connect(Action<BridgeOptions> adapt = null)
        {
            BridgeOptions options = Begin();
            adapt?.Invoke(options);
            Client.Open(options);
            yield return Until(() => Client.IsConnected, "a connection");
        }

        /// <summary>Makes a client that is not connected, and returns what it would connect with.</summary>
        internal BridgeOptions Begin()
        {
            string url = Environment.GetEnvironmentVariable(_urlVariable);
            if (string.IsNullOrEmpty(url))
            {
                Assert.Ignore($"{_urlVariable} names no server.");
            }
            Errors.Clear();
            Client = Objects.Make<VRBridgeClient>("vrbridge");
            VRBridgeSettings settings = ScriptableObject.CreateInstance<VRBridgeSettings>();
            settings.Url = url;
            settings.Token = Environment.GetEnvironmentVariable(_tokenVariable) ?? "";
            settings.DeviceName = "tests";
            Client.Settings = settings;
            Client.ErrorOccurred += Errors.Add;
            return settings.Options();
        }

        /// <summary>Goes on for as many frames as it takes.</summary>
        internal IEnumerator Until(Func<bool> isSo, string what)
        {
            yield return Stage.Until(isSo, () => $"{what}; {string.Join(", ", Errors)}");
        }

        /// <summary>Ends the test.</summary>
        internal void Clear()
        {
            Objects.Clear();
        }
    }
}
