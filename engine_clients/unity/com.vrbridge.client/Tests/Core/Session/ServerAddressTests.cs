using System;
using System.IO;
using NUnit.Framework;

namespace VRBridge.Core.Tests
{
    /// <summary>Addresses that say which session is meant.</summary>
    [TestFixture]
    public sealed class ServerAddressTests
    {
        [Test]
        public void A_session_is_added_to_what_the_application_gave()
        {
            string wire = Environment.GetEnvironmentVariable("VRBRIDGE_TEST_WIRE");
            if (string.IsNullOrEmpty(wire))
            {
                Assert.Ignore("VRBRIDGE_TEST_WIRE does not say where the golden addresses are.");
            }
            string rows = File.ReadAllText(Path.Combine(wire, "resume_addresses.json"));
            int nCompared = 0;
            foreach (BridgeValue row in JsonReader.Read(rows).AsList())
            {
                BridgeMap golden = row.AsMap();
                Assert.That(
                    ServerAddress.Of(golden.Text("url"), golden.Text("session")),
                    Is.EqualTo(golden.Text("address")));
                nCompared++;
            }
            Assert.That(nCompared, Is.GreaterThan(5));
        }

        [Test]
        public void A_connection_says_which_session_it_goes_on_with()
        {
            var desk = new SessionDesk();
            desk.Greet(false, new BridgeMap { { "session", "a-1" } });
            Assert.That(desk.Socket.Url, Is.EqualTo(BridgeOptions.DefaultUrl));
            Return(desk);
            Assert.That(desk.Socket.Url, Is.EqualTo(BridgeOptions.DefaultUrl + "?session=a-1"));
            desk.Greet(true, new BridgeMap { { "session", "a-1" } });
            Return(desk);
            Assert.That(desk.Socket.Url, Is.EqualTo(BridgeOptions.DefaultUrl + "?session=a-1"));
            desk.Greet(false, new BridgeMap { { "session", "b-2" } });
            Return(desk);
            Assert.That(desk.Socket.Url, Is.EqualTo(BridgeOptions.DefaultUrl + "?session=b-2"));
        }

        private static void Return(SessionDesk desk)
        {
            desk.Cut();
            desk.WaitForAttempt();
            desk.Open();
        }
    }
}
