using System;
using System.Collections.Generic;
using UnityEngine;
using UnityEngine.Events;
using VRBridge.Core;
#if VRBRIDGE_TMP
using TMPro;
#endif

namespace VRBridge
{
    /// <summary>
    /// A panel of text in the scene that faces the player: what a character says, a hint, a caption.
    /// </summary>
    /// <remarks>
    /// Its size is in degrees of the view, so it reads the same from near and far, flat and in a headset. It hangs on an
    /// object, on a point, or before the player's head.
    /// </remarks>
    // After everything that moves.
    [DefaultExecutionOrder(100)]
    [AddComponentMenu("vrbridge/vrbridge Overlay")]
    public sealed class VRBridgeOverlay : MonoBehaviour
    {
        /// <summary>What a panel hangs on.</summary>
        public enum AnchorKind
        {
            /// <summary>Where this object is.</summary>
            Here,

            /// <summary>An object.</summary>
            Object,

            /// <summary>The player's head.</summary>
            Head,
        }

        private const int _maxLines = 16;

        // Of the panel before it is scaled to its degrees.
        private const float _textM = 0.048f;
        private const float _nameM = 0.04f;
        private const float _nameRowM = 0.06f;
        private const float _marginM = 0.028f;
        private const float _radiusM = 0.022f;
        private const float _leastLetters = 4;
        private const float _leastDistanceM = 0.2f;
        private const float _steepest = 0.999f;

        // A reader takes about so many characters a second.
        private const float _readHz = 16;

        // What comes faster than it can be read must not fall behind for ever.
        private const float _catchUpS = 2;

        [Tooltip("What the panel hangs on: where this object is, another object, or the player's head.")]
        [SerializeField] private AnchorKind _anchor = AnchorKind.Here;

        [Tooltip("The object that it hangs on.")]
        [SerializeField] private Transform _target;

        [Tooltip("Where it is from the anchor, in metres; from the head, +Z is ahead.")]
        [SerializeField] private Vector3 _offset = new Vector3(0, 0.35f, 0);

        [Tooltip("Height of a row of text, in degrees of the view. Under 1 it is hard to read in a headset.")]
        [SerializeField, Range(0.5f, 5)] private float _textHeightDegrees = 1.3f;

        [Tooltip("Width of the panel, in degrees of the view.")]
        [SerializeField, Range(5, 60)] private float _widthDegrees = 26;

        [Tooltip("Seconds that a line stays at least after its end.")]
        [SerializeField, Range(0, 30)] private float _holdS = 2.5f;

        [Tooltip("Seconds to come and go.")]
        [SerializeField, Range(0, 2)] private float _fadeS = 0.15f;

        [Tooltip("Characters a second that streamed text appears with; 0 shows all at once.")]
        [SerializeField, Range(0, 120)] private float _revealHz = 45;

        [Tooltip("Colour of the text.")]
        [SerializeField] private Color _textColor = new Color(0.97f, 0.96f, 0.93f);

        [Tooltip("Colour of the speaker's name.")]
        [SerializeField] private Color _nameColor = new Color(1, 0.8f, 0.45f);

        [Tooltip("Colour of the panel; its alpha is how much it covers.")]
        [SerializeField] private Color _panelColor = new Color(0.06f, 0.07f, 0.1f, 0.86f);

#if VRBRIDGE_TMP
        [Tooltip("Font of the text; empty takes the project's.")]
        [SerializeField] private TMP_FontAsset _font;

#endif
        [Header("Events")]
        [Tooltip("A line shows: who says it.")]
        [SerializeField] private UnityEvent<string> _onLineStarted = new UnityEvent<string>();

        [Tooltip("The last line was read and the panel is gone.")]
        [SerializeField] private UnityEvent _onEmptied = new UnityEvent();

        private readonly List<OverlayLine> _lines = new List<OverlayLine>();
        private GameObject _root;
        private Panel _panel;
        private OverlayText _text;
        private OverlayText _name;
        private float _shown;
        private float _alpha;
        private float _doneForS;

        /// <summary>A line shows: the panel has begun with it. Who says it.</summary>
        public event Action<string> LineStarted;

        /// <summary>More of the line that grows can be read: how many characters from its start, as code points.</summary>
        public event Action<OverlayLine, int> CharactersShown;

        /// <summary>The last line was read and the panel is gone.</summary>
        public event Action Emptied;

        /// <summary>What the panel hangs on.</summary>
        public AnchorKind Anchor
        {
            get => _anchor;
            set => _anchor = value;
        }

        /// <summary>The object that it hangs on.</summary>
        public Transform Target
        {
            get => _target;
            set => _target = value;
        }

        /// <summary>Where it is from the anchor, in metres; from the head, +Z is ahead.</summary>
        public Vector3 Offset
        {
            get => _offset;
            set => _offset = value;
        }

        /// <summary>Characters a second that streamed text appears with; 0 shows all at once.</summary>
        public float RevealHz
        {
            get => _revealHz;
            set => _revealHz = value;
        }

        /// <summary>Seconds that a line stays at least after its end.</summary>
        public float HoldS
        {
            get => _holdS;
            set => _holdS = value;
        }

        /// <summary>Whether something shows or waits.</summary>
        public bool IsBusy => _lines.Count > 0;

        /// <summary>Whether the panel can be seen.</summary>
        public bool IsVisible => _alpha > 0;

        /// <summary>What can be read at the moment.</summary>
        public string VisibleText =>
            IsVisible && IsBusy ? _lines[0].Text.Substring(0, CodePoints.IndexOf(_lines[0].Text, NShown)) : "";

        /// <summary>What hangs in the scene; null before the first line.</summary>
        internal Transform Root => _root != null ? _root.transform : null;

        private int NShown => Mathf.FloorToInt(_shown);

        /// <summary>
        /// Shows a line after those that wait; more can be added to it with <see cref="Extend"/> unless it is whole.
        /// </summary>
        public OverlayLine ShowLine(string text, string speaker = "", bool isWhole = true)
        {
            var line = new OverlayLine(text, speaker, isWhole);
            if (_lines.Count >= _maxLines)
            {
                // The oldest that nobody has begun to read makes room.
                _lines.RemoveAt(1);
            }
            _lines.Add(line);
            if (_lines.Count == 1)
            {
                Begin();
            }
            return line;
        }

        /// <summary>Adds a piece to a line that is not whole.</summary>
        public void Extend(OverlayLine line, string piece)
        {
            line.Extend(piece);
            if (IsBusy && _lines[0] == line)
            {
                LayOut();
            }
        }

        /// <summary>Says that no more of a line comes.</summary>
        public void Finish(OverlayLine line)
        {
            line.Finish();
        }

        /// <summary>Drops a line, or all of them.</summary>
        public void Dismiss(OverlayLine line = null)
        {
            if (line == null)
            {
                _lines.Clear();
                return;
            }
            bool isCurrent = IsBusy && _lines[0] == line;
            _lines.Remove(line);
            if (isCurrent && IsBusy)
            {
                Begin();
            }
        }

        private void LateUpdate()
        {
            if (!IsBusy && _alpha <= 0)
            {
                return;
            }
            Prepare();
            Reveal(Time.unscaledDeltaTime);
            float goal = IsBusy ? 1 : 0;
            _alpha = _fadeS <= 0 ? goal : Mathf.MoveTowards(_alpha, goal, Time.unscaledDeltaTime / _fadeS);
            _root.SetActive(_alpha > 0);
            Tint();
            Face();
            if (!IsBusy && _alpha <= 0)
            {
                Emptied?.Invoke();
                _onEmptied.Invoke();
            }
        }

        private void OnDisable()
        {
            if (_root != null)
            {
                _root.SetActive(false);
            }
            _alpha = 0;
        }

        private void OnDestroy()
        {
            if (_root != null)
            {
                Destroy(_root);
            }
            FreeParts();
        }

        private void Begin()
        {
            _shown = 0;
            _doneForS = 0;
            LayOut();
            LineStarted?.Invoke(_lines[0].Speaker);
            _onLineStarted.Invoke(_lines[0].Speaker);
        }

        private void Reveal(float deltaS)
        {
            if (!IsBusy)
            {
                return;
            }
            OverlayLine line = _lines[0];
            int before = NShown;
            float rateHz = Mathf.Max(_revealHz, (line.NCharacters - _shown) / _catchUpS);
            _shown = _revealHz <= 0 ? line.NCharacters : Mathf.Min(line.NCharacters, _shown + rateHz * deltaS);
            if (NShown != before)
            {
                _text.NVisible = NShown;
                CharactersShown?.Invoke(line, NShown);
            }
            if (!line.IsWhole || _shown < line.NCharacters)
            {
                _doneForS = 0;
                return;
            }
            _doneForS += deltaS;
            if (_doneForS >= Mathf.Max(_holdS, line.NCharacters / _readHz - line.NCharacters / Mathf.Max(rateHz, 1)))
            {
                _lines.RemoveAt(0);
                if (IsBusy)
                {
                    Begin();
                }
            }
        }

        // Sets out the whole line, so that words don't jump to the next row while they appear.
        private void LayOut()
        {
            Prepare();
            OverlayLine line = _lines[0];
            float wideM = _textM * _widthDegrees / _textHeightDegrees;
            Vector2 size = _text.SizeOf(line.Text, wideM);
            Vector2 nameSize = _name.SizeOf(line.Speaker, wideM);
            float nameRowM = line.Speaker.Length > 0 ? _nameRowM : 0;
            var inner = new Vector2(
                Mathf.Clamp(Mathf.Max(size.x, nameSize.x), _leastLetters * _textM, wideM),
                Mathf.Max(size.y, _textM) + nameRowM);
            Vector2 outer = inner + 2 * _marginM * Vector2.one;
            _panel.SizeM = outer;
            float left = -inner.x / 2;
            float top = outer.y - _marginM;
            _name.Set(line.Speaker, new Vector3(left, top, 0), new Vector2(inner.x, _nameRowM));
            _text.Set(line.Text, new Vector3(left, top - nameRowM, 0), new Vector2(inner.x, inner.y - nameRowM));
            _text.NVisible = NShown;
        }

        private void FreeParts()
        {
            _panel?.Free();
            _text?.Free();
            _name?.Free();
        }

        private void Prepare()
        {
            if (_root != null)
            {
                return;
            }
            // It may have gone with a scene that this object outlived.
            FreeParts();
            // Beside its object and not below it, whose scale and turns it must not take.
            _root = new GameObject(name + " (overlay)");
            _panel = new Panel(_root.transform, _radiusM);
            _text = new OverlayText(_root.transform, "Text", _textM);
            _name = new OverlayText(_root.transform, "Name", _nameM);
#if VRBRIDGE_TMP
            _text.Font = _font;
            _name.Font = _font;
#endif
            _root.SetActive(false);
        }

        private void Tint()
        {
            _text.Color = Faded(_textColor);
            _name.Color = Faded(_nameColor);
            _panel.Color = Faded(_panelColor);
        }

        private Color Faded(Color color)
        {
            color.a *= _alpha;
            return color;
        }

        // Hangs the panel on its anchor, turned to the player, as large as its degrees say.
        private void Face()
        {
            Camera camera = Camera.main;
            if (camera == null)
            {
                return;
            }
            Transform eye = camera.transform;
            Vector3 place = Place(eye);
            Vector3 away = place - eye.position;
            float distanceM = Mathf.Max(_leastDistanceM, away.magnitude);
            if (away.sqrMagnitude < 1e-6f || Mathf.Abs(Vector3.Dot(away.normalized, Vector3.up)) > _steepest)
            {
                away = eye.forward;
            }
            float rowM = 2 * distanceM * Mathf.Tan(_textHeightDegrees * Mathf.Deg2Rad / 2);
            Transform root = _root.transform;
            root.SetPositionAndRotation(place, Quaternion.LookRotation(away, Vector3.up));
            root.localScale = Vector3.one * (rowM / _textM);
        }

        private Vector3 Place(Transform eye)
        {
            if (_anchor == AnchorKind.Head)
            {
                return eye.TransformPoint(_offset);
            }
            bool isOnTarget = _anchor == AnchorKind.Object && _target != null;
            return (isOnTarget ? _target.position : transform.position) + _offset;
        }
    }
}
