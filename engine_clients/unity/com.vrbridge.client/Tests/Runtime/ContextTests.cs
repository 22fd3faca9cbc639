using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;
using UnityEngine;
using UnityEngine.TestTools;
using VRBridge.Core;

namespace VRBridge.Tests
{
    public sealed class ContextTests
    {
        private readonly Stage _stage = new Stage();

        [TearDown]
        public void Clear()
        {
            _stage.Clear();
            LogAssert.NoUnexpectedReceived();
        }

        [Test]
        public void What_is_seen_and_what_is_near_is_told_in_the_axes_of_the_wire()
        {
            Transform eyes = _stage.Eyes(new Vector3(0, 1.7f, 0));
            Body("Anvil", new Vector3(0, 1.7f, 3), isKnown: true);
            Body("FarTower", new Vector3(0, 0, 40), isKnown: true);
            VRBridgeContext context = NewContext();
            var seen = new List<string>();
            context.FocusChanged += seen.Add;
            BridgeContext told = context.Collect();
            Assert.That(told.Focus, Is.EqualTo("Anvil"));
            Assert.That(told.Place, Is.EqualTo("smithy"));
            Assert.That(told.Head.Position.Y, Is.EqualTo(1.7f));
            Assert.That(told.Gaze.Value.Z, Is.EqualTo(-1).Within(1e-6f), "ahead is −Z there");
            Assert.That(told.Nearby.Select(each => each.Name), Is.EqualTo(new[] { "anvil" }));
            Assert.That(told.Nearby[0].Position.Z, Is.EqualTo(-3));
            eyes.rotation = Quaternion.Euler(0, 90, 0);
            Assert.That(context.Collect().Focus, Is.Empty);
            Assert.That(seen, Is.EqualTo(new[] { "Anvil", "" }));
        }

        [Test]
        public void A_part_of_a_thing_is_the_thing()
        {
            _stage.Eyes(new Vector3(0, 1, 0));
            GameObject stall = _stage.Make("MarketStall_3");
            stall.AddComponent<VRBridgeThing>();
            GameObject plank = _stage.Make("plank");
            plank.AddComponent<BoxCollider>();
            plank.transform.SetParent(stall.transform, false);
            plank.transform.position = new Vector3(0, 1, 4);
            BridgeContext told = NewContext().Collect();
            Assert.That(told.Focus, Is.EqualTo("MarketStall_3"));
            Assert.That(told.Nearby.Single().Name, Is.EqualTo("market stall 3"));
        }

        [Test]
        public void The_nearest_things_come_first_and_sixteen_at_most()
        {
            _stage.Eyes(Vector3.zero);
            for (int number = 0; number < 40; number++)
            {
                Thing($"T{number}", new Vector3(0, 0, 7.9f - 0.1f * number));
            }
            BridgeContext told = NewContext().Collect();
            Assert.That(
                told.Nearby.Select(each => each.Id), Is.EqualTo(Enumerable.Range(0, 16).Select(n => $"T{39 - n}")));
        }

        [Test]
        public void Hands_are_told_where_they_are_known()
        {
            _stage.Eyes(Vector3.zero);
            VRBridgeContext context = NewContext();
            Assert.That(context.Collect().LeftHand, Is.Null);
            GameObject hand = _stage.Make("hand");
            hand.transform.position = new Vector3(-0.2f, 1, 0.5f);
            context.LeftHand = hand.transform;
            BridgeContext told = context.Collect();
            Assert.That(told.LeftHand.Value.Position.Z, Is.EqualTo(-0.5f));
            Assert.That(told.RightHand, Is.Null);
        }

        [Test]
        public void Without_eyes_nothing_is_told()
        {
            Assert.That(NewContext().Collect(), Is.Null);
        }

        [Test]
        public void What_has_hardly_changed_is_not_told_again()
        {
            Transform eyes = _stage.Eyes(Vector3.zero);
            VRBridgeContext context = NewContext();
            var memory = new ContextMemory();
            bool IsTold() => memory.TakeIfChanged(context.Collect(), 0.02f, 1);
            Assert.That(IsTold(), "for the first time");
            Assert.That(IsTold(), Is.False);
            eyes.position += new Vector3(0.005f, 0, 0);
            Assert.That(IsTold(), Is.False, "half a centimetre");
            eyes.position += new Vector3(0.05f, 0, 0);
            Assert.That(IsTold(), "five centimetres");
            eyes.rotation = Quaternion.Euler(0, 0.3f, 0);
            Assert.That(IsTold(), Is.False, "a third of a degree");
            eyes.rotation = Quaternion.Euler(0, 3, 0);
            Assert.That(IsTold(), "three degrees");
            context.State = new BridgeMap { { "time", "night" } };
            Assert.That(IsTold(), "a state");
            Thing("Barrel", new Vector3(1, 0, 1));
            Assert.That(IsTold(), "something came near");
            context.Place = "cellar";
            Assert.That(IsTold(), "another place");
            Assert.That(IsTold(), Is.False);
            memory.Forget();
            Assert.That(IsTold(), "it was forgotten");
        }

        private VRBridgeContext NewContext()
        {
            VRBridgeContext context = _stage.Make<VRBridgeContext>();
            context.Place = "smithy";
            return context;
        }

        private void Thing(string name, Vector3 place)
        {
            _stage.Make<VRBridgeThing>(name).transform.position = place;
        }

        private void Body(string name, Vector3 place, bool isKnown)
        {
            GameObject body = _stage.Make(name);
            body.AddComponent<BoxCollider>();
            body.transform.position = place;
            if (isKnown)
            {
                body.AddComponent<VRBridgeThing>();
            }
        }
    }
}
