using System.Collections;
using System.Collections.Generic;
using NUnit.Framework;
using UnityEngine;
using UnityEngine.TestTools;
using VRBridge.Core;

namespace VRBridge.Tests
{
    public sealed class LiveCharacterTests
    {
        private readonly LiveStage _live = new LiveStage();

        [TearDown]
        public void Clear()
        {
            _live.Clear();
            LogAssert.NoUnexpectedReceived();
        }

        [UnityTest]
        public IEnumerator A_character_answers_word_by_word_in_its_panel()
        {
            yield return _live.Connect();
            _live.Objects.Eyes(Vector3.zero);
            VRBridgeCharacter smith = NewSmith();
            var pieces = new List<string>();
            string answer = null;
            smith.TextReceived += pieces.Add;
            smith.AnswerCompleted += (text, _, __) => answer = text;
            smith.Say("Good day! What do you forge here?", _live.Client);
            yield return _live.Until(() => answer != null, "an answer");
            Assert.That(string.Concat(pieces), Is.EqualTo(answer));
            Assert.That(pieces.Count, Is.GreaterThan(2), "it came bit by bit");
            var counts = new List<int>();
            smith.Overlay.CharactersShown += (_, n) => counts.Add(n);
            yield return _live.Until(() => smith.Overlay.VisibleText == answer, "it can be read");
            Assert.That(counts, Is.Ordered);
            Assert.That(smith.IsSpeaking, Is.False);
        }

        [UnityTest]
        public IEnumerator A_character_does_what_the_scene_offers()
        {
            yield return _live.Connect();
            VRBridgeCharacter smith = NewSmith();
            var opened = new List<string>();
            var chosen = new List<string>();
            var schema = new BridgeMap
            {
                { "type", "object" },
                {
                    "properties", new BridgeMap
                    {
                        {
                            "which", new BridgeMap
                            {
                                { "type", "string" }, { "enum", new BridgeList { "north gate", "south gate" } },
                            }
                        },
                    }
                },
                { "required", new BridgeList { "which" } },
            };
            smith.AddAction(
                "open_gate", "Open one of the gates of the village", schema, arguments => opened.Add(arguments.Text("which")));
            smith.ActionChosen += (action, _) => chosen.Add(action);
            BridgeRequest request = smith.Say("Please open the north gate for me.", _live.Client);
            yield return _live.Until(() => request.IsEnded, "an answer");
            Assert.That(chosen, Is.EqualTo(new[] { "open_gate" }));
            Assert.That(opened, Is.EqualTo(new[] { "north gate" }));
        }

        private VRBridgeCharacter NewSmith()
        {
            VRBridgeCharacter smith = _live.Objects.Make<VRBridgeCharacter>("smith");
            smith.Failed += _live.Errors.Add;
            return smith;
        }
    }
}
