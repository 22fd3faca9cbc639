using System.Collections;
using NUnit.Framework;
using UnityEngine;
using UnityEngine.TestTools;

namespace VRBridge.Tests
{
    public sealed class ClientTests
    {
        private readonly Stage _stage = new Stage();

        [TearDown]
        public void Clear()
        {
            _stage.Clear();
            LogAssert.NoUnexpectedReceived();
        }

        [UnityTest]
        public IEnumerator A_scene_that_is_loaded_again_brings_no_second_client()
        {
            VRBridgeClient first = Make(connects: false);
            yield return null;
            VRBridgeClient second = Make(connects: true);
            Assert.That(second.enabled, Is.False, "it does not even begin to connect");
            yield return null;
            Assert.That(second == null, "its object goes in the frame in which it came");
            Assert.That(first != null);
            Assert.That(VRBridgeClient.Find(), Is.EqualTo(first));
        }

        [UnityTest]
        public IEnumerator A_client_takes_the_place_of_one_that_is_gone()
        {
            Object.Destroy(Make(connects: false).gameObject);
            yield return null;
            VRBridgeClient second = Make(connects: false);
            yield return null;
            Assert.That(second != null);
            Assert.That(VRBridgeClient.Find(), Is.EqualTo(second));
        }

        [UnityTest]
        public IEnumerator A_client_that_goes_with_its_scene_may_be_beside_another()
        {
            VRBridgeClient first = Make(connects: false);
            GameObject level = _stage.Make("level");
            GameObject child = _stage.Make("client of the level");
            child.transform.SetParent(level.transform, false);
            VRBridgeClient second = child.AddComponent<VRBridgeClient>();
            second.Settings = NewSettings(connects: false);
            yield return null;
            Assert.That(first != null && second != null);
            Assert.That(VRBridgeClient.Find(), Is.EqualTo(first));
        }

        private VRBridgeClient Make(bool connects)
        {
            VRBridgeClient client = _stage.Make<VRBridgeClient>("vrbridge");
            client.Settings = NewSettings(connects);
            return client;
        }

        private static VRBridgeSettings NewSettings(bool connects)
        {
            VRBridgeSettings settings = ScriptableObject.CreateInstance<VRBridgeSettings>();
            settings.ConnectsOnStart = connects;
            return settings;
        }
    }
}
