using System;
using System.Collections.Generic;
using UnityEngine;
using UnityEngine.Events;
using UnityEngine.XR;
using VRBridge.Core;

namespace VRBridge
{
    /// <summary>
    /// Tells the bridge what the player sees and is: head, hands, what is looked at, what is near. Characters speak of it,
    /// and what the player looks at is made first. It goes out ten times a second at most, and only if it has changed.
    /// </summary>
    [DisallowMultipleComponent]
    [AddComponentMenu("vrbridge/vrbridge Context")]
    public sealed class VRBridgeContext : MonoBehaviour
    {
        private const float _rateHz = 10;
        private const int _maxNearby = 16;

        [Tooltip("The player's eyes; empty takes the main camera.")]
        [SerializeField] private Transform _head;

        [Tooltip("The left hand or controller; empty asks the headset.")]
        [SerializeField] private Transform _leftHand;

        [Tooltip("The right hand or controller; empty asks the headset.")]
        [SerializeField] private Transform _rightHand;

        [Tooltip("The XR origin: what the room's floor is in the scene. Empty takes the head's parent.")]
        [SerializeField] private Transform _room;

        [Tooltip("Name of the place, such as 'village square'.")]
        [SerializeField] private string _place = "";

        [Tooltip("Things (vrbridge Thing) are told of when they are as near, in metres.")]
        [SerializeField, Range(0.5f, 50)] private float _nearbyRadiusM = 8;

        [Tooltip("How far the ray goes that finds what is looked at, in metres.")]
        [SerializeField, Range(1, 200)] private float _focusDistanceM = 30;

        [Tooltip("Layers that the ray sees.")]
        [SerializeField] private LayerMask _focusMask = 1;

        [Tooltip("Changes of position below this are not told, in metres.")]
        [SerializeField, Range(0, 0.5f)] private float _leastMoveM = 0.02f;

        [Tooltip("Changes of direction below this are not told, in degrees.")]
        [SerializeField, Range(0, 10)] private float _leastTurnDegrees = 1;

        [Header("Events")]
        [Tooltip("The player looks at something else now: its id; empty if at nothing that is known.")]
        [SerializeField] private UnityEvent<string> _onFocusChanged = new UnityEvent<string>();

        private readonly BridgeContext _now = new BridgeContext();
        private readonly ContextMemory _sent = new ContextMemory();
        private readonly List<VRBridgeThing> _near = new List<VRBridgeThing>();
        private Comparison<VRBridgeThing> _nearestFirst;
        private VRBridgeClient _client;
        private Collider _seen;
        private Vector3 _eye;
        private float _dueS;

        /// <summary>The player looks at something else now: its id; empty if at nothing that is known.</summary>
        public event Action<string> FocusChanged;

        /// <summary>The player's eyes; null takes the main camera.</summary>
        public Transform Head
        {
            get => _head;
            set => _head = value;
        }

        /// <summary>The left hand or controller; null asks the headset.</summary>
        public Transform LeftHand
        {
            get => _leftHand;
            set => _leftHand = value;
        }

        /// <summary>The right hand or controller; null asks the headset.</summary>
        public Transform RightHand
        {
            get => _rightHand;
            set => _rightHand = value;
        }

        /// <summary>The XR origin; null takes the head's parent.</summary>
        public Transform Room
        {
            get => _room;
            set => _room = value;
        }

        /// <summary>Name of the place.</summary>
        public string Place
        {
            get => _place;
            set => _place = value;
        }

        /// <summary>
        /// Anything else that characters should know of, such as <c>time</c>: <c>night</c>; null for nothing. It is told
        /// when another map is set, or after <see cref="Resend"/>.
        /// </summary>
        public BridgeMap State { get; set; }

        /// <summary>What the player looks at; empty if at nothing that is known.</summary>
        public string Focus { get; private set; } = "";

        /// <summary>Has the next context be sent although nothing has changed.</summary>
        public void Resend()
        {
            _sent.Forget();
        }

        /// <summary>Returns what is sent; null without eyes. The same object is filled each time.</summary>
        public BridgeContext Collect()
        {
            Transform head = Eyes();
            if (head == null)
            {
                return null;
            }
            Transform room = _room != null ? _room : head.parent;
            _eye = head.position;
            Vector3 gaze = Headset.Gaze(_eye, room) ?? head.forward;
            Look(gaze);
            _now.Head = Handedness.ToWire(head);
            _now.Gaze = Handedness.ToWire(gaze);
            _now.LeftHand = _leftHand != null ? Handedness.ToWire(_leftHand) : Headset.Hand(XRNode.LeftHand, room);
            _now.RightHand = _rightHand != null ? Handedness.ToWire(_rightHand) : Headset.Hand(XRNode.RightHand, room);
            _now.Focus = Focus;
            _now.Place = _place;
            _now.State = State;
            FindNearby();
            return _now;
        }

        private void Awake()
        {
            _nearestFirst = (a, b) => SquareTo(a).CompareTo(SquareTo(b));
        }

        private void Update()
        {
            if (Time.unscaledTime < _dueS)
            {
                return;
            }
            _dueS = Time.unscaledTime + 1 / _rateHz;
            FindClient();
            if (_client == null || !_client.IsConnected)
            {
                return;
            }
            BridgeContext context = Collect();
            if (context != null && _sent.TakeIfChanged(context, _leastMoveM, _leastTurnDegrees))
            {
                _client.UpdateContext(context);
            }
        }

        private void OnDestroy()
        {
            if (_client != null)
            {
                _client.Connected -= ResendAfterConnecting;
            }
        }

        private void FindClient()
        {
            if (_client == null)
            {
                _client = VRBridgeClient.Find();
                _client.Connected += ResendAfterConnecting;
            }
        }

        // Contexts are not replayed.
        private void ResendAfterConnecting(bool isResumed)
        {
            Resend();
        }

        private Transform Eyes()
        {
            if (_head != null)
            {
                return _head;
            }
            Camera camera = Camera.main;
            return camera != null ? camera.transform : null;
        }

        private void Look(Vector3 gaze)
        {
            Physics.Raycast(
                _eye, gaze, out RaycastHit hit, _focusDistanceM, _focusMask, QueryTriggerInteraction.Collide);
            if (hit.collider == _seen && (_seen != null || Focus.Length == 0))
            {
                return;
            }
            _seen = hit.collider;
            string id = _seen != null ? IdOf(_seen) : "";
            if (id != Focus)
            {
                Focus = id;
                FocusChanged?.Invoke(id);
                _onFocusChanged.Invoke(id);
            }
        }

        private static string IdOf(Collider seen)
        {
            VRBridgeThing thing = seen.GetComponentInParent<VRBridgeThing>();
            return thing != null ? thing.Id : seen.name;
        }

        private void FindNearby()
        {
            _near.Clear();
            foreach (VRBridgeThing each in VRBridgeThing.All)
            {
                if (SquareTo(each) <= _nearbyRadiusM * _nearbyRadiusM)
                {
                    _near.Add(each);
                }
            }
            _near.Sort(_nearestFirst);
            _now.Nearby.Clear();
            for (int place = 0; place < _near.Count && place < _maxNearby; place++)
            {
                VRBridgeThing thing = _near[place];
                _now.Nearby.Add(new NearbyThing(
                    thing.Id, thing.SpokenName, Handedness.ToWire(thing.transform.position)));
            }
        }

        private float SquareTo(VRBridgeThing thing)
        {
            return (thing.transform.position - _eye).sqrMagnitude;
        }
    }
}
