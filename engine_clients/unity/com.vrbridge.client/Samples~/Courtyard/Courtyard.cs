using UnityEngine;
using UnityEngine.XR;
using VRBridge.Core;

namespace VRBridge.Samples.Courtyard
{
    /// <summary>
    /// What the player can do here: say something to the smith, say what a wall is made of, or say what stands at a place
    /// on the ground. What is looked at decides which.
    /// </summary>
    public sealed class Courtyard : MonoBehaviour
    {
        private const float _reachM = 30;
        private const int _smallestFont = 14;

        [Tooltip("What the next click asks for.")]
        [SerializeField] private string _words = "mossy stone wall";

        [Tooltip("The smith.")]
        [SerializeField] private VRBridgeCharacter _smith;

        [Tooltip("The gate that the smith can open.")]
        [SerializeField] private Gate _gate;

        private VRBridgeClient _client;
        private string _told = "Click the smith, a wall or the ground.";
        private bool _wasPressed;

        /// <summary>What the next click asks for.</summary>
        public string Words
        {
            get => _words;
            set => _words = value;
        }

        /// <summary>What happened last, in words.</summary>
        public string Told => _told;

        /// <summary>Has the scene know who is there.</summary>
        public void SetUp(VRBridgeCharacter smith, Gate gate)
        {
            _smith = smith;
            _gate = gate;
        }

        /// <summary>Does what the words mean for what a ray hits.</summary>
        public void Ask(Vector3 from, Vector3 along)
        {
            if (!Physics.Raycast(from, along, out RaycastHit hit, _reachM, ~0, QueryTriggerInteraction.Ignore))
            {
                return;
            }
            if (hit.collider.GetComponentInParent<VRBridgeCharacter>() == _smith)
            {
                _told = $"You: {_words}";
                _smith.Say(_words);
                return;
            }
            VRBridgeMaterial surface = hit.collider.GetComponent<VRBridgeMaterial>();
            if (surface != null && hit.collider.name != "Ground")
            {
                _told = $"{hit.collider.name}: {_words} …";
                surface.Prompt = _words;
                surface.Generate();
                return;
            }
            Place(hit.point, from);
        }

        private void Start()
        {
            _client = VRBridgeClient.Find();
            _client.Connected += TellConnected;
            _client.ErrorOccurred += TellError;
            _smith.AddAction("open_gate", "Open the gate of the courtyard", null, _ => _gate.Open());
            _smith.AddAction("close_gate", "Close the gate of the courtyard", null, _ => _gate.Close());
            _smith.Failed += TellError;
            foreach (VRBridgeMaterial surface in GetComponentsInChildren<VRBridgeMaterial>())
            {
                surface.Completed += facts => _told = $"{surface.name}: {facts.Text("model")}";
                surface.Failed += TellError;
            }
        }

        private void Update()
        {
            bool isPressed = IsTriggerPressed();
            if (isPressed && !_wasPressed)
            {
                Transform eyes = Camera.main.transform;
                Ask(eyes.position, eyes.forward);
            }
            _wasPressed = isPressed;
#if ENABLE_LEGACY_INPUT_MANAGER
            if (Input.GetMouseButtonDown(0) && !IsOverField(Input.mousePosition))
            {
                Ray ray = Camera.main.ScreenPointToRay(Input.mousePosition);
                Ask(ray.origin, ray.direction);
            }
#endif
        }

        private void OnGUI()
        {
            GUI.skin.label.fontSize = GUI.skin.textField.fontSize = _smallestFont;
            GUILayout.BeginArea(new Rect(12, 12, 480, 90));
            _words = GUILayout.TextField(_words);
            GUILayout.Label(_told);
            GUILayout.EndArea();
        }

        private void OnDestroy()
        {
            if (_client != null)
            {
                _client.Connected -= TellConnected;
                _client.ErrorOccurred -= TellError;
            }
        }

        private void Place(Vector3 place, Vector3 player)
        {
            _told = $"{_words} …";
            var thing = new GameObject(_words);
            thing.SetActive(false);
            thing.transform.SetParent(transform, true);
            thing.transform.position = place;
            // Its front looks at the player.
            thing.transform.rotation = Quaternion.LookRotation(new Vector3(player.x - place.x, 0, player.z - place.z));
            VRBridgeMesh prop = thing.AddComponent<VRBridgeMesh>();
            prop.Prompt = _words;
            prop.Completed += facts => _told = $"{prop.name}: {facts.Text("model")}";
            prop.Failed += error =>
            {
                TellError(error);
                Destroy(thing);
            };
            thing.AddComponent<VRBridgeThing>();
            thing.SetActive(true);
        }

        private void TellConnected(bool isResumed)
        {
            _told = $"{_client.Server.Text("name")} {_client.Server.Text("version")}";
        }

        private void TellError(BridgeError error)
        {
            _told = error.Message;
        }

        private static bool IsTriggerPressed()
        {
            InputDevice hand = InputDevices.GetDeviceAtXRNode(XRNode.RightHand);
            return hand.isValid && hand.TryGetFeatureValue(CommonUsages.triggerButton, out bool isPressed) && isPressed;
        }

#if ENABLE_LEGACY_INPUT_MANAGER
        private static bool IsOverField(Vector3 mouse)
        {
            return mouse.x < 492 && mouse.y > Screen.height - 102;
        }
#endif
    }
}
