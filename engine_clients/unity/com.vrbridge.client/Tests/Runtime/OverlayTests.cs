using System.Collections;
using System.Collections.Generic;
using NUnit.Framework;
using UnityEngine;
using UnityEngine.TestTools;

namespace VRBridge.Tests
{
    public sealed class OverlayTests
    {
        private const float _rowM = 0.048f;
        private const float _degrees = 1.3f;

        private readonly Stage _stage = new Stage();

        [TearDown]
        public void Clear()
        {
            _stage.Clear();
            LogAssert.NoUnexpectedReceived();
        }

        [UnityTest]
        public IEnumerator A_panel_reads_the_same_from_near_and_far()
        {
            Transform eyes = _stage.Eyes(Vector3.zero);
            VRBridgeOverlay panel = _stage.Make<VRBridgeOverlay>();
            panel.ShowLine("Well met, traveller.", "Smith");
            foreach (float distanceM in new[] { 0.5f, 2, 10 })
            {
                panel.Offset = new Vector3(0, 0, distanceM);
                yield return null;
                Transform root = Root(panel);
                float row = _rowM * root.localScale.y;
                float degrees = 2 * Mathf.Rad2Deg * Angle(row / 2, distanceM);
                Assert.That(degrees, Is.EqualTo(_degrees).Within(0.02f), $"at {distanceM} m");
                Assert.That(Vector3.Dot(root.forward, eyes.forward), Is.GreaterThan(0.99f), "it faces the player");
            }
        }

        [UnityTest]
        public IEnumerator A_panel_hangs_on_what_it_is_told()
        {
            Transform eyes = _stage.Eyes(new Vector3(0, 1.7f, 0));
            eyes.rotation = Quaternion.Euler(0, 90, 0);
            GameObject thing = _stage.Make("thing");
            thing.transform.position = new Vector3(3, 0, 4);
            VRBridgeOverlay panel = _stage.Make<VRBridgeOverlay>();
            panel.ShowLine("Here.");
            panel.Anchor = VRBridgeOverlay.AnchorKind.Object;
            panel.Target = thing.transform;
            panel.Offset = new Vector3(0, 2, 0);
            yield return null;
            Assert.That(Root(panel).position, Is.EqualTo(new Vector3(3, 2, 4)));
            panel.Anchor = VRBridgeOverlay.AnchorKind.Head;
            panel.Offset = new Vector3(0, -0.2f, 2);
            yield return null;
            Assert.That((Root(panel).position - new Vector3(2, 1.5f, 0)).magnitude, Is.LessThan(1e-4f), "ahead");
        }

        [UnityTest]
        public IEnumerator Lines_wait_for_each_other_and_fade()
        {
            _stage.Eyes(Vector3.zero);
            VRBridgeOverlay panel = _stage.Make<VRBridgeOverlay>();
            panel.HoldS = 0.1f;
            panel.RevealHz = 120;
            var speakers = new List<string>();
            int nEmptied = 0;
            panel.LineStarted += speakers.Add;
            panel.Emptied += () => nEmptied++;
            panel.ShowLine("One", "A");
            OverlayLine growing = panel.ShowLine("Two ", "B", isWhole: false);
            yield return Until(() => speakers.Count == 2);
            Assert.That(panel.IsVisible);
            panel.Extend(growing, "and three");
            yield return Until(() => panel.VisibleText == "Two and three");
            for (int frame = 0; frame < 60; frame++)
            {
                yield return null;
            }
            Assert.That(panel.IsBusy, "a line that may grow stays");
            panel.Finish(growing);
            yield return Until(() => nEmptied > 0);
            Assert.That(panel.IsVisible, Is.False);
            Assert.That(Root(panel).gameObject.activeSelf, Is.False);
            Assert.That(speakers, Is.EqualTo(new[] { "A", "B" }));
            Assert.That(nEmptied, Is.EqualTo(1));
        }

        [UnityTest]
        public IEnumerator Letters_are_counted_as_people_count_them()
        {
            _stage.Eyes(Vector3.zero);
            VRBridgeOverlay panel = _stage.Make<VRBridgeOverlay>();
            panel.RevealHz = 30;
            var counts = new List<int>();
            panel.CharactersShown += (_, n) => counts.Add(n);
            OverlayLine line = panel.ShowLine("Oh 🔥🔥!");
            yield return Until(() => counts.Count > 0 && counts[counts.Count - 1] == 6);
            Assert.That(line.NCharacters, Is.EqualTo(6));
            Assert.That(counts, Is.Ordered);
            Assert.That(panel.VisibleText, Is.EqualTo("Oh 🔥🔥!"));
        }

        [Test]
        public void Too_many_lines_keep_the_one_that_is_read_and_the_newest()
        {
            VRBridgeOverlay panel = _stage.Make<VRBridgeOverlay>();
            var lines = new List<OverlayLine>();
            for (int number = 0; number < 40; number++)
            {
                lines.Add(panel.ShowLine($"{number}"));
            }
            int nKept = 0;
            while (panel.IsBusy && nKept < 40)
            {
                // The first is read, and those behind it are the newest.
                panel.Dismiss(nKept == 0 ? lines[0] : lines[24 + nKept]);
                nKept++;
            }
            Assert.That(nKept, Is.EqualTo(16));
        }

        [UnityTest]
        public IEnumerator A_panel_goes_with_its_object()
        {
            _stage.Eyes(Vector3.zero);
            VRBridgeOverlay panel = _stage.Make<VRBridgeOverlay>();
            panel.ShowLine("Farewell.");
            yield return null;
            Transform root = Root(panel);
            Object.Destroy(panel.gameObject);
            yield return null;
            yield return null;
            Assert.That(root == null);
        }

        [UnityTest]
        public IEnumerator A_panel_that_went_with_its_scene_comes_again()
        {
            _stage.Eyes(Vector3.zero);
            VRBridgeOverlay panel = _stage.Make<VRBridgeOverlay>();
            panel.ShowLine("One", isWhole: false);
            yield return null;
            Object.Destroy(Root(panel).gameObject);
            yield return null;
            yield return null;
            panel.ShowLine("Two");
            panel.Dismiss();
            panel.ShowLine("Three");
            yield return Until(() => panel.VisibleText == "Three");
            Assert.That(Root(panel).gameObject.activeSelf);
        }

        private static Transform Root(VRBridgeOverlay panel)
        {
            return panel.Root;
        }

        private static float Angle(float opposite, float adjacent)
        {
            return Vector3.Angle(Vector3.forward, new Vector3(opposite, 0, adjacent)) * Mathf.Deg2Rad;
        }

        private static IEnumerator Until(System.Func<bool> isSo)
        {
            return Stage.Until(isSo, () => "in time");
        }
    }
}
