using System;
using UnityEngine;
using UnityEngine.Events;
using VRBridge.Core;

namespace VRBridge
{
    /// <summary>
    /// A thing made from words, with levels of detail and a collider, that stands where this object is.
    /// </summary>
    /// <remarks>
    /// The coarsest level shows first, finer ones replace it near the player. Its pivot is the centre of the floor below
    /// it; its front looks along this object's +Z.
    /// </remarks>
    [AddComponentMenu("vrbridge/vrbridge Mesh")]
    public sealed class VRBridgeMesh : MonoBehaviour
    {
        private static int _nMade;

        [Tooltip("What it is, in words.")]
        [SerializeField, TextArea(2, 5)] private string _prompt = "";

        [Tooltip("Most faces of the finest level.")]
        [SerializeField, Range(50, 20000)] private int _maxFaces = 1500;

        [Tooltip("How many levels of detail.")]
        [SerializeField, Range(1, 4)] private int _lods = 3;

        [Tooltip("Longest side in metres; 0 takes the usual size of such a thing.")]
        [SerializeField, Min(0)] private float _sizeM;

        [Tooltip("Edge of the maps of its materials in pixels: a power of two from 64 to 2048; 0 takes the colours of its "
            + "vertices alone.")]
        [SerializeField, Min(0)] private int _texturePx;

        [Tooltip("What builds it: generated, library, procedural or a name that the server has; empty takes the server's "
            + "default.")]
        [SerializeField] private string _style = "";

        [Tooltip("The same number makes the same thing; -1 leaves it to the server.")]
        [SerializeField] private int _seed = -1;

        [Tooltip("Whether it gets a convex collider.")]
        [SerializeField] private bool _hasCollider = true;

        [Tooltip("Larger values keep finer levels further away.")]
        [SerializeField, Range(0.1f, 10)] private float _lodBias = 1;

        [Tooltip("Shows a faint box as long as nothing else is there.")]
        [SerializeField] private bool _hasPlaceholder = true;

        [Tooltip("How work for it ranks against other requests.")]
        [SerializeField] private VRBridgePriority _priority = VRBridgePriority.Interactive;

        [Tooltip("Asks for the thing as soon as the scene runs.")]
        [SerializeField] private bool _generatesOnStart = true;

        [Tooltip("A material of the project's own that its materials are copies of; its shader has to draw the colours of "
            + "vertices. Empty takes the package's.")]
        [SerializeField] private Material _template;

        [Header("Events")]
        [Tooltip("Work went on: what is done, and how much of it (0 to 1).")]
        [SerializeField] private UnityEvent<string, float> _onProgressed = new UnityEvent<string, float>();

        [Tooltip("A level can be seen; 0 is the finest.")]
        [SerializeField] private UnityEvent<int> _onLevelShown = new UnityEvent<int>();

        [Tooltip("Everything is there.")]
        [SerializeField] private UnityEvent _onCompleted = new UnityEvent();

        [Tooltip("It could not be made: what to do about it.")]
        [SerializeField] private UnityEvent<string> _onFailed = new UnityEvent<string>();

        private readonly int _number = ++_nMade;
        private VRBridgeClient _client;
        private BridgeRequest _request;
        private MeshLoader _loader;
        private MeshLevels _levels;
        private Placeholder _placeholder;

        /// <summary>Work went on: what is done, and how much of it, 0 to 1.</summary>
        public event Action<string, double> Progressed;

        /// <summary>A level can be seen; 0 is the finest.</summary>
        public event Action<int> LevelShown;

        /// <summary>Everything is there; what the server said about it.</summary>
        public event Action<BridgeMap> Completed;

        /// <summary>It could not be made; what showed before stays.</summary>
        public event Action<BridgeError> Failed;

        /// <summary>What it is, in words. It is asked for when the scene runs, or by <see cref="Generate"/>.</summary>
        public string Prompt
        {
            get => _prompt;
            set => _prompt = value;
        }

        /// <summary>Most faces of the finest level, 50 to 20000.</summary>
        public int MaxFaces
        {
            get => _maxFaces;
            set => _maxFaces = value;
        }

        /// <summary>How many levels of detail, 1 to 4.</summary>
        public int Lods
        {
            get => _lods;
            set => _lods = value;
        }

        /// <summary>Longest side in metres; 0 takes the usual size of such a thing.</summary>
        public float SizeM
        {
            get => _sizeM;
            set => _sizeM = value;
        }

        /// <summary>Edge of the maps of its materials in pixels; 0 takes the colours of its vertices alone.</summary>
        public int TexturePx
        {
            get => _texturePx;
            set => _texturePx = value;
        }

        /// <summary>What builds it; empty takes the server's default.</summary>
        public string Style
        {
            get => _style;
            set => _style = value;
        }

        /// <summary>The same number makes the same thing; -1 leaves it to the server.</summary>
        public int Seed
        {
            get => _seed;
            set => _seed = value;
        }

        /// <summary>Whether it gets a convex collider.</summary>
        public bool HasCollider
        {
            get => _hasCollider;
            set => _hasCollider = value;
        }

        /// <summary>Shows a faint box as long as nothing else is there.</summary>
        public bool HasPlaceholder
        {
            get => _hasPlaceholder;
            set => _hasPlaceholder = value;
        }

        /// <summary>How work for it ranks against other requests.</summary>
        public VRBridgePriority Priority
        {
            get => _priority;
            set => _priority = value;
        }

        /// <summary>Asks for it as soon as the scene runs.</summary>
        public bool GeneratesOnStart
        {
            get => _generatesOnStart;
            set => _generatesOnStart = value;
        }

        /// <summary>What the server said about it, once it is complete.</summary>
        public BridgeMap Facts { get; private set; } = new BridgeMap(0);

        /// <summary>Whether parts of it are on their way.</summary>
        public bool IsGenerating => _request != null;

        /// <summary>Its box in its own space; empty as long as nothing shows.</summary>
        public Bounds Bounds => _levels?.Bounds ?? default;

        /// <summary>Its collider; null without one.</summary>
        public MeshCollider Collider => _levels?.Collider;

        /// <summary>Returns the renderer of a level, 0 being the finest; null if it is not there.</summary>
        public Renderer Level(int number)
        {
            return _levels?.RendererOf(number);
        }

        /// <summary>Asks for it, instead of what is still being made.</summary>
        /// <param name="client">Null takes the scene's.</param>
        public BridgeRequest Generate(VRBridgeClient client = null)
        {
            Cancel();
            _client = client != null ? client : VRBridgeClient.Find();
            _levels ??= new MeshLevels(gameObject);
            _levels.Begin();
            ShowPlaceholder();
            MeshLoader loader = NewLoader();
            BridgeRequest request = _client.Request("mesh", Params(), Options());
            _loader = loader;
            _request = request;
            request.Progressed += TellProgress;
            request.AssetGrew += loader.Grow;
            request.AssetReceived += loader.Take;
            request.Restarted += loader.Restart;
            request.Completed += (result, _) => Complete(request, result);
            request.Failed += error => Fail(request, error);
            return request;
        }

        /// <summary>Stops what is being made.</summary>
        public void Cancel()
        {
            BridgeRequest request = _request;
            _request = null;
            _loader?.Restart();
            _loader = null;
            request?.Cancel();
            HidePlaceholder();
        }

        private void Start()
        {
            if (_generatesOnStart && _request == null && _prompt.Length > 0)
            {
                Generate();
            }
        }

        private void OnDestroy()
        {
            Cancel();
            _levels?.Free();
        }

        private MeshLoader NewLoader()
        {
            var loader = new MeshLoader(_client.Background, _template);
            loader.LevelLoaded += (number, mesh, surfaces) =>
            {
                _levels.Put(number, mesh, surfaces, _lodBias);
                TellLevel(number);
            };
#if VRBRIDGE_GLTFAST
            loader.FileLoaded += (number, file) =>
            {
                _levels.Put(number, file, _lodBias);
                TellLevel(number);
            };
#endif
            loader.ColliderLoaded += mesh => _levels.PutCollider(mesh);
            loader.Finished += TellCompleted;
            loader.Unreadable += TellFailed;
            return loader;
        }

        private BridgeMap Params()
        {
            var parameters = new BridgeMap
            {
                { "prompt", _prompt }, { "max_faces", _maxFaces }, { "lods", _lods }, { "collider", _hasCollider },
            };
            if (_texturePx > 0)
            {
                parameters["texture_px"] = _texturePx;
            }
            if (_sizeM > 0)
            {
                parameters["size_m"] = _sizeM;
            }
            if (_seed >= 0)
            {
                parameters["seed"] = _seed;
            }
            if (!string.IsNullOrEmpty(_style))
            {
                parameters["style"] = _style;
            }
            return parameters;
        }

        private RequestOptions Options()
        {
            return new RequestOptions
            {
                Slot = $"mesh-{_number}",
                Priority = _priority.OnWire(),
                Anchor = new BridgeMap { { "position", Handedness.ToWire(transform.position) } },
            };
        }

        private void ShowPlaceholder()
        {
            if (_hasPlaceholder && _levels.IsEmpty && _placeholder == null)
            {
                _placeholder = new Placeholder(transform, _sizeM);
            }
        }

        private void HidePlaceholder()
        {
            _placeholder?.Free();
            _placeholder = null;
        }

        private void TellLevel(int number)
        {
            HidePlaceholder();
            LevelShown?.Invoke(number);
            _onLevelShown.Invoke(number);
        }

        private void TellProgress(string stage, double fraction)
        {
            Progressed?.Invoke(stage, fraction);
            _onProgressed.Invoke(stage, (float)fraction);
        }

        private void Complete(BridgeRequest request, BridgeMap result)
        {
            if (request == _request)
            {
                Facts = result;
                _loader.Complete();
            }
        }

        private void TellCompleted()
        {
            // If nothing came that could be read, what is wrong was told.
            HidePlaceholder();
            _levels.End(_lodBias);
            _request = null;
            _loader = null;
            Completed?.Invoke(Facts);
            _onCompleted.Invoke();
        }

        private void Fail(BridgeRequest request, BridgeError error)
        {
            if (request != _request)
            {
                return;
            }
            _request = null;
            _loader.Restart();
            _loader = null;
            HidePlaceholder();
            TellFailed(error);
        }

        private void TellFailed(BridgeError error)
        {
            Failed?.Invoke(error);
            _onFailed.Invoke(error.Message);
        }
    }
}
