using System;
using System.Collections.Generic;
using System.Globalization;
using UnityEngine;
using UnityEngine.Events;
using VRBridge.Core;

namespace VRBridge
{
    /// <summary>
    /// Someone who can be talked to. The answer streams into an overlay above the head, and the character may do one of
    /// the actions that the scene offers.
    /// </summary>
    /// <example>
    /// <code>
    /// smith.AddAction("open_gate", "Open the gate", null, arguments => gate.Open());
    /// smith.Say("Would you let me through?");
    /// </code>
    /// </example>
    [AddComponentMenu("vrbridge/vrbridge Character")]
    public sealed class VRBridgeCharacter : MonoBehaviour
    {
        private static int _nMade;

        [Tooltip("Name of the character on the server, whose memory of the player goes by it.")]
        [SerializeField] private string _npc = "blacksmith";

        [Tooltip("Name that the overlay shows; empty makes one of the name on the server.")]
        [SerializeField] private string _displayName = "";

        [Header("Persona")]
        [Tooltip("Who the character is, for one that the server has no file of. Empty takes the server's.")]
        [SerializeField, TextArea(2, 6)] private string _personaDescription = "";

        [Tooltip("How the character speaks.")]
        [SerializeField] private string _personaStyle = "";

        [Tooltip("What the character knows, one fact each.")]
        [SerializeField] private string[] _personaKnowledge = Array.Empty<string>();

        [Header("Overlay")]
        [Tooltip("Where answers show; empty makes a panel above the head.")]
        [SerializeField] private VRBridgeOverlay _overlay;

        [Tooltip("Height of that panel over this object, in metres.")]
        [SerializeField, Range(0, 5)] private float _overlayHeightM = 2;

        [Header("Actions")]
        [Tooltip("What the character may choose to do.")]
        [SerializeField] private CharacterAction[] _actions = Array.Empty<CharacterAction>();

        [Header("Events")]
        [Tooltip("Another piece of the answer.")]
        [SerializeField] private UnityEvent<string> _onTextReceived = new UnityEvent<string>();

        [Tooltip("The character chose an action: its name.")]
        [SerializeField] private UnityEvent<string> _onActionChosen = new UnityEvent<string>();

        [Tooltip("The answer is complete: all of it, and the emotion.")]
        [SerializeField] private UnityEvent<string, string> _onAnswerCompleted = new UnityEvent<string, string>();

        [Tooltip("There is no answer: what to do about it.")]
        [SerializeField] private UnityEvent<string> _onFailed = new UnityEvent<string>();

        private readonly Dictionary<string, OfferedAction> _offered = new Dictionary<string, OfferedAction>();
        private readonly int _number = ++_nMade;
        private VRBridgeClient _client;
        private VRBridgeOverlay _watched;
        private BridgeRequest _request;
        private OverlayLine _line;
        private int _nHeard;

        /// <summary>The first words are there.</summary>
        public event Action AnswerStarted;

        /// <summary>Another piece of the answer.</summary>
        public event Action<string> TextReceived;

        /// <summary>The character chose an action, with its arguments; its callback, if it has one, was called already.</summary>
        public event Action<string, BridgeMap> ActionChosen;

        /// <summary>The answer is complete: its text, one of the protocol's emotions, and how strong that is, 0 to 1.</summary>
        public event Action<string, string, double> AnswerCompleted;

        /// <summary>There is no answer.</summary>
        public event Action<BridgeError> Failed;

        /// <summary>Name of the character on the server, whose memory of the player goes by it.</summary>
        public string Npc
        {
            get => _npc;
            set => _npc = value;
        }

        /// <summary>Name that the overlay shows; empty makes one of <see cref="Npc"/>.</summary>
        public string DisplayName
        {
            get => _displayName;
            set => _displayName = value;
        }

        /// <summary>Who the character is, for one that the server has no file of; empty takes the server's.</summary>
        public string PersonaDescription
        {
            get => _personaDescription;
            set => _personaDescription = value;
        }

        /// <summary>How the character speaks.</summary>
        public string PersonaStyle
        {
            get => _personaStyle;
            set => _personaStyle = value;
        }

        /// <summary>What the character knows, one fact each.</summary>
        public string[] PersonaKnowledge
        {
            get => _personaKnowledge;
            set => _personaKnowledge = value;
        }

        /// <summary>Where answers show; one is made above the head if there is none.</summary>
        public VRBridgeOverlay Overlay
        {
            get => _overlay;
            set => _overlay = value;
        }

        /// <summary>What the character has said so far of the answer.</summary>
        public string AnswerText { get; private set; } = "";

        /// <summary>Whether an answer is on its way.</summary>
        public bool IsSpeaking => _request != null && !_request.IsEnded;

        private string Speaker =>
            _displayName.Length > 0
                ? _displayName
                : CultureInfo.InvariantCulture.TextInfo.ToTitleCase(_npc.Replace('_', ' '));

        /// <summary>Offers an action that the character may choose.</summary>
        /// <param name="action">What it is called on the wire.</param>
        /// <param name="description">What it does.</param>
        /// <param name="schema">JSON Schema of its arguments; null for none.</param>
        /// <param name="callback">Called with the arguments; may be null.</param>
        public void AddAction(string action, string description, BridgeMap schema = null, Action<BridgeMap> callback = null)
        {
            _offered[action] = new OfferedAction(action, description, schema, callback);
        }

        /// <summary>Takes an action back.</summary>
        public void RemoveAction(string action)
        {
            _offered.Remove(action);
        }

        /// <summary>Says something to the character, instead of what it is being asked still.</summary>
        /// <param name="text">At most 2000 characters.</param>
        /// <param name="client">Null takes the scene's.</param>
        public BridgeRequest Say(string text, VRBridgeClient client = null)
        {
            Interrupt();
            _client = client != null ? client : VRBridgeClient.Find();
            WatchOverlay();
            AnswerText = "";
            _nHeard = 0;
            var options = new RequestOptions { Slot = $"character-{_number}" };
            BridgeRequest request = _client.Request("dialogue", Params(text), options);
            _request = request;
            request.TextReceived += (piece, _) => Take(request, piece);
            request.ActionChosen += (action, arguments) => Act(request, action, arguments);
            request.Restarted += () => Restart(request);
            request.Completed += (result, _) => Complete(request, result);
            request.Failed += error => Fail(request, error);
            return request;
        }

        /// <summary>Cuts the character short: it stops, and remembers only what could be read.</summary>
        public void Interrupt()
        {
            if (IsSpeaking)
            {
                _request.Cancel();
            }
            TellHeard();
            _request = null;
            DropLine();
        }

        private void Start()
        {
            WatchOverlay();
        }

        private void OnDestroy()
        {
            Interrupt();
            if (_watched != null)
            {
                _watched.CharactersShown -= NoteShown;
            }
        }

        private void WatchOverlay()
        {
            if (_overlay == null)
            {
                var panel = new GameObject("Overlay");
                panel.transform.SetParent(transform, false);
                _overlay = panel.AddComponent<VRBridgeOverlay>();
                _overlay.Anchor = VRBridgeOverlay.AnchorKind.Object;
                _overlay.Target = transform;
                _overlay.Offset = new Vector3(0, _overlayHeightM, 0);
            }
            if (_watched == _overlay)
            {
                return;
            }
            if (_watched != null)
            {
                _watched.CharactersShown -= NoteShown;
            }
            _watched = _overlay;
            _watched.CharactersShown += NoteShown;
        }

        private BridgeMap Params(string text)
        {
            var parameters = new BridgeMap { { "npc", _npc }, { "text", text } };
            BridgeList actions = OfferedAction.OnWire(_actions, _offered.Values);
            if (actions.Count > 0)
            {
                parameters["actions"] = actions;
            }
            if (_personaDescription.Length > 0)
            {
                parameters["persona"] = new BridgeMap
                {
                    { "name", Speaker },
                    { "description", _personaDescription },
                    { "style", _personaStyle },
                    { "knowledge", BridgeList.Of(_personaKnowledge) },
                };
            }
            return parameters;
        }

        private void Take(BridgeRequest request, string piece)
        {
            if (request != _request)
            {
                return;
            }
            AnswerText += piece;
            bool isFirst = _line == null;
            if (isFirst)
            {
                _line = _overlay.ShowLine(piece, Speaker, isWhole: false);
                AnswerStarted?.Invoke();
            }
            else
            {
                _overlay.Extend(_line, piece);
            }
            TextReceived?.Invoke(piece);
            _onTextReceived.Invoke(piece);
        }

        private void Act(BridgeRequest request, string action, BridgeMap arguments)
        {
            if (request != _request)
            {
                return;
            }
            foreach (CharacterAction each in _actions)
            {
                if (each.Name == action)
                {
                    each.OnChosen.Invoke();
                }
            }
            if (_offered.TryGetValue(action, out OfferedAction offered))
            {
                offered.Callback?.Invoke(arguments);
            }
            ActionChosen?.Invoke(action, arguments);
            _onActionChosen.Invoke(action);
        }

        private void Restart(BridgeRequest request)
        {
            if (request == _request)
            {
                AnswerText = "";
                _nHeard = 0;
                DropLine();
            }
        }

        private void Complete(BridgeRequest request, BridgeMap result)
        {
            if (request != _request)
            {
                return;
            }
            FinishLine();
            BridgeMap emotion = result.MapOf("emotion");
            string text = result.Text("text", AnswerText);
            string name = emotion.Text("name", "neutral");
            AnswerCompleted?.Invoke(text, name, emotion.Number("score"));
            _onAnswerCompleted.Invoke(text, name);
        }

        private void Fail(BridgeRequest request, BridgeError error)
        {
            if (request != _request)
            {
                return;
            }
            FinishLine();
            _request = null;
            Failed?.Invoke(error);
            _onFailed.Invoke(error.Message);
        }

        private void FinishLine()
        {
            if (_line != null)
            {
                _overlay.Finish(_line);
            }
        }

        private void DropLine()
        {
            if (_line != null && _overlay != null)
            {
                _overlay.Dismiss(_line);
            }
            _line = null;
        }

        // A panel may be shared.
        private void NoteShown(OverlayLine line, int nCharacters)
        {
            if (line != _line || _request == null)
            {
                return;
            }
            _nHeard = Mathf.Max(_nHeard, nCharacters);
            if (_line.IsWhole && _nHeard == _line.NCharacters)
            {
                TellHeard();
            }
        }

        // Tells the server how much of the answer the player could read.
        private void TellHeard()
        {
            if (_request != null && _client != null && _nHeard > 0)
            {
                _client.Heard(_request, _nHeard);
                _nHeard = 0;
            }
        }
    }
}
