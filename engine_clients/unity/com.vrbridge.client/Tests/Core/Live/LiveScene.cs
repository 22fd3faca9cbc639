using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;
using NUnit.Framework;

namespace VRBridge.Core.Tests
{
    /// <summary>
    /// A scene without an engine that talks to a real server, whose address is told by <c>VRBRIDGE_TEST_URL</c>.
    /// </summary>
    internal sealed class LiveScene : IDisposable
    {
        private const double _withinS = 150;
        private const int _frameMs = 5;
        private const double _budgetS = 0.0015;

        private readonly FrameBudget _budget = new FrameBudget(_budgetS, Now);

        /// <summary>Without a way it doesn't connect.</summary>
        internal LiveScene(string way = "", Action<BridgeOptions> change = null)
        {
            Bridge.Connected += isResumed => Resumed.Add(isResumed);
            Bridge.Disconnected += (_, retryInS) => Waits.Add(retryInS);
            Bridge.ErrorOccurred += error => Errors.Add(error);
            if (way.Length > 0)
            {
                BridgeOptions options = OptionsFor(way);
                change?.Invoke(options);
                Bridge.Open(options);
                Until(() => Bridge.IsConnected, "a connection");
            }
        }

        internal BridgeConnection Bridge { get; } = new BridgeConnection();

        /// <summary>Of each connection, whether it resumed.</summary>
        internal List<bool> Resumed { get; } = new List<bool>();

        /// <summary>Waits after lost connections, in seconds.</summary>
        internal List<double> Waits { get; } = new List<double>();

        internal List<BridgeError> Errors { get; } = new List<BridgeError>();

        public void Dispose()
        {
            Bridge.Dispose();
        }

        /// <summary>Returns what to connect with: by <c>URL</c>, or by one of the bad ways.</summary>
        internal static BridgeOptions OptionsFor(string way)
        {
            return new BridgeOptions
            {
                Url = Setting(way),
                Token = Setting("TOKEN"),
                ClientName = "vrbridge-tests",
                Device = "tests",
                TextureFormats = new[] { "bc1", "bc5" },
            };
        }

        internal static string Setting(string name)
        {
            string value = Environment.GetEnvironmentVariable("VRBRIDGE_TEST_" + name);
            if (string.IsNullOrEmpty(value))
            {
                Assert.Ignore("VRBRIDGE_TEST_" + name + " is not set: there is no server to talk to.");
            }
            return value;
        }

        /// <summary>Draws frames, without a picture.</summary>
        internal void Frames(int count = 1)
        {
            for (int frame = 0; frame < count; frame++)
            {
                _budget.Begin();
                _budget.Run();
                Bridge.Update(_budget.HasTime);
                _budget.End();
                Thread.Sleep(_frameMs);
            }
        }

        /// <summary>Draws frames until something is so.</summary>
        internal void Until(Func<bool> isSo, string what)
        {
            double endS = Now() + _withinS;
            while (!isSo())
            {
                if (Now() > endS)
                {
                    Assert.Fail("There was no " + what + "; errors: " + string.Join(", ", Errors));
                }
                Frames();
            }
        }

        /// <summary>Draws frames until a request has ended.</summary>
        internal BridgeRequest End(BridgeRequest request)
        {
            Until(() => request.IsEnded, "end of a " + request.Kind);
            return request;
        }

        /// <summary>Draws frames until a request is done.</summary>
        internal BridgeRequest Done(BridgeRequest request)
        {
            End(request);
            Assert.That(request.Error, Is.Null, request.Error?.ToString());
            return request;
        }

        internal BridgeRequest Texture(string prompt, int sizePx, string slot = "")
        {
            var parameters = new BridgeMap { { "prompt", prompt }, { "size_px", sizePx } };
            return Bridge.Request("texture", parameters, new RequestOptions { Slot = slot });
        }

        /// <summary>Asks for a material of some megabytes.</summary>
        internal BridgeRequest Large(int seed = 3)
        {
            return Bridge.Request("texture", new BridgeMap
            {
                { "prompt", "cobblestone" }, { "size_px", 512 }, { "seed", seed }, { "format", "rgba8" },
            });
        }

        /// <summary>
        /// Listens to the assets of a request, whose bytes are compared with their digests once more.
        /// </summary>
        internal static List<string> RolesOf(BridgeRequest request)
        {
            var roles = new List<string>();
            request.AssetReceived += asset =>
            {
                bool isIntact = SessionDesk.DigestOf(asset.Span.ToArray()) == asset.Digest;
                roles.Add(isIntact ? asset.Role : asset.Role + " is damaged");
                asset.Release();
            };
            request.Restarted += () => roles.Add("the session was lost");
            return roles;
        }

        private static double Now()
        {
            return Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency;
        }
    }
}
