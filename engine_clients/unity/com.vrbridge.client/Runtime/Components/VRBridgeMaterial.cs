using System;
using UnityEngine;
using UnityEngine.Events;
using VRBridge.Core;

namespace VRBridge
{
    /// <summary>
    /// A material made from words, or from a picture: put it beside any renderer, write a prompt, run the scene.
    /// </summary>
    /// <remarks>
    /// A small preview shows first, then coarser levels as they arrive, and all maps are swapped in together once the set
    /// is complete: base colour, normal, and occlusion, roughness and metallic in one.
    /// </remarks>
    [AddComponentMenu("vrbridge/vrbridge Material")]
    public sealed class VRBridgeMaterial : MonoBehaviour
    {
        /// <summary>How maps are laid on.</summary>
        public enum Laying
        {
            /// <summary>By position, so that any mesh can take them.</summary>
            ByPosition,

            /// <summary>By the mesh's texture coordinates.</summary>
            ByUv,
        }

        private static int _nMade;

        [Tooltip("What the surface is made of, in words.")]
        [SerializeField, TextArea(2, 5)] private string _prompt = "";

        [Tooltip("Edge of each map in pixels: a power of two from 64 to 2048.")]
        [SerializeField] private int _sizePx = 512;

        [Tooltip("The same number makes the same material; -1 leaves it to the server.")]
        [SerializeField] private int _seed = -1;

        [Tooltip("Words that join the prompt, such as 'dark and mossy', or the name of a network that the server has.")]
        [SerializeField] private string _style = "";

        [Tooltip("How maps are laid on: by position, so that any mesh can take them, or by texture coordinates.")]
        [SerializeField] private Laying _laying = Laying.ByPosition;

        [Tooltip("How much of the surface one unit of the texture coordinates covers, in metres; for laying by them.")]
        [SerializeField] private Vector2 _metresPerUv = Vector2.one;

        [Tooltip("Length that one tile of the maps covers, in metres; 0 takes what the server says.")]
        [SerializeField, Min(0)] private float _metresPerTile;

        [Tooltip("How work for it ranks against other requests.")]
        [SerializeField] private VRBridgePriority _priority = VRBridgePriority.Interactive;

        [Tooltip("Asks for the material as soon as the scene runs.")]
        [SerializeField] private bool _generatesOnStart = true;

        [Tooltip("The renderer that it is for; empty takes the one beside it.")]
        [SerializeField] private Renderer _target;

        [Tooltip("Which of the renderer's materials it replaces.")]
        [SerializeField, Min(0)] private int _slot;

        [Tooltip("A material of the project's own to copy; its shader takes _BaseMap or _MainTex, _BumpMap and _OrmMap, as far "
            + "as it has them. Empty takes the package's.")]
        [SerializeField] private Material _template;

        [Header("Events")]
        [Tooltip("Work went on: what is done, and how much of it (0 to 1).")]
        [SerializeField] private UnityEvent<string, float> _onProgressed = new UnityEvent<string, float>();

        [Tooltip("All maps are in place.")]
        [SerializeField] private UnityEvent _onCompleted = new UnityEvent();

        [Tooltip("It could not be made: what to do about it.")]
        [SerializeField] private UnityEvent<string> _onFailed = new UnityEvent<string>();

        private readonly int _number = ++_nMade;
        private Surface _surface;
        private MapLoader _loader;
        private BridgeRequest _request;
        private VRBridgeClient _client;
        // Of the maps that are in place, and of the preview that shows instead of them; 0 without one.
        private float _tileM = 1;
        private float _previewTileM;

        /// <summary>Work went on: what is done, and how much of it, 0 to 1.</summary>
        public event Action<string, double> Progressed;

        /// <summary>A coarser picture of it shows; its width in pixels.</summary>
        public event Action<int> PreviewShown;

        /// <summary>All maps are in place; what the server said about it.</summary>
        public event Action<BridgeMap> Completed;

        /// <summary>It could not be made; what showed before stays.</summary>
        public event Action<BridgeError> Failed;

        /// <summary>What the surface is made of, in words. It is asked for when the scene runs, or by <see cref="Generate"/>.</summary>
        public string Prompt
        {
            get => _prompt;
            set => _prompt = value;
        }

        /// <summary>Edge of each map in pixels: a power of two from 64 to 2048.</summary>
        public int SizePx
        {
            get => _sizePx;
            set => _sizePx = value;
        }

        /// <summary>The same number makes the same material; -1 leaves it to the server.</summary>
        public int Seed
        {
            get => _seed;
            set => _seed = value;
        }

        /// <summary>Words that join the prompt, or the name of a network that the server has.</summary>
        public string Style
        {
            get => _style;
            set => _style = value;
        }

        /// <summary>
        /// A JPEG, PNG or WebP file that becomes the material, so that the prompt is not used; null for none.
        /// </summary>
        public byte[] Picture { get; set; }

        /// <summary>Length that one tile of the maps covers, in metres; 0 takes what the server says.</summary>
        public float MetresPerTile
        {
            get => _metresPerTile;
            set
            {
                _metresPerTile = value;
                LayOn();
            }
        }

        /// <summary>Asks for it as soon as the scene runs.</summary>
        public bool GeneratesOnStart
        {
            get => _generatesOnStart;
            set => _generatesOnStart = value;
        }

        /// <summary>How work for it ranks against other requests.</summary>
        public VRBridgePriority Priority
        {
            get => _priority;
            set => _priority = value;
        }

        /// <summary>The material; any renderer may have it. It is destroyed with this component.</summary>
        public Material Material => SurfaceOfOwn().Material;

        /// <summary>What the server said about it, once it is complete: <c>origin model seed confidence nearest</c>.</summary>
        public BridgeMap Facts { get; private set; } = new BridgeMap(0);

        /// <summary>Whether maps are on their way.</summary>
        public bool IsGenerating => _request != null;

        /// <summary>Lays the maps on by position, so that any mesh can take them.</summary>
        public void LayByPosition()
        {
            _laying = Laying.ByPosition;
            LayOn();
        }

        /// <summary>Lays the maps on by texture coordinates, of which one unit covers so many metres.</summary>
        public void LayByUv(Vector2 metresPerUv)
        {
            _laying = Laying.ByUv;
            _metresPerUv = metresPerUv;
            LayOn();
        }

        /// <summary>Asks for it, instead of what is still being made.</summary>
        /// <param name="client">Null takes the scene's.</param>
        public BridgeRequest Generate(VRBridgeClient client = null)
        {
            Cancel();
            Show();
            _client = client != null ? client : VRBridgeClient.Find();
            MapLoader loader = NewLoader();
            BridgeRequest request = _client.Request(Picture != null ? "material" : "texture", Params(), Options());
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
            Abandon();
            request?.Cancel();
        }

        private void Start()
        {
            Show();
            if (_generatesOnStart && _request == null && (Picture != null || _prompt.Length > 0))
            {
                Generate();
            }
        }

        private void OnDestroy()
        {
            Cancel();
            if (_surface != null)
            {
                _surface.Free();
                Destroy(_surface.Material);
            }
        }

        private Surface SurfaceOfOwn()
        {
            if (_surface == null)
            {
                _surface = new Surface(Surface.NewMaterial("vrbridge material", _template));
                LayOn();
            }
            return _surface;
        }

        private MapLoader NewLoader()
        {
            var loader = new MapLoader(SurfaceOfOwn(), _client.Budget);
            loader.Shown += widthPx =>
            {
                _previewTileM = loader.MetresPerTile;
                LayOn();
                PreviewShown?.Invoke(widthPx);
            };
            loader.Swapped += TellCompleted;
            loader.Unreadable += TellFailed;
            return loader;
        }

        private BridgeMap Params()
        {
            var parameters = new BridgeMap { { "size_px", _sizePx } };
            if (Picture != null)
            {
                parameters["image"] = Picture;
                if (_metresPerTile > 0)
                {
                    parameters["metres_per_tile"] = _metresPerTile;
                }
                return parameters;
            }
            parameters["prompt"] = _prompt;
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
            // A newer prompt of the same material makes the older one pointless.
            var options = new RequestOptions { Slot = $"material-{_number}", Priority = _priority.OnWire() };
            Renderer target = Target();
            if (target != null)
            {
                options.Anchor = new BridgeMap { { "position", Handedness.ToWire(target.bounds.center) } };
            }
            return options;
        }

        private Renderer Target()
        {
            return _target != null ? _target : GetComponent<Renderer>();
        }

        private void Show()
        {
            Renderer target = Target();
            if (target == null)
            {
                return;
            }
            Material[] materials = target.sharedMaterials;
            if (_slot >= materials.Length)
            {
                Array.Resize(ref materials, _slot + 1);
            }
            materials[_slot] = Material;
            target.sharedMaterials = materials;
        }

        private void LayOn()
        {
            if (_surface == null)
            {
                return;
            }
            float ofMaps = _previewTileM > 0 ? _previewTileM : _tileM;
            float tileM = _metresPerTile > 0 ? _metresPerTile : ofMaps;
            if (_laying == Laying.ByPosition)
            {
                _surface.LayByPosition(1 / tileM);
            }
            else
            {
                _surface.LayByUv(_metresPerUv / tileM);
            }
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
            _tileM = _loader.MetresPerTile > 0 ? _loader.MetresPerTile : _tileM;
            _previewTileM = 0;
            LayOn();
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
            Abandon();
            TellFailed(error);
        }

        // What showed before shows again, as it lay.
        private void Abandon()
        {
            _request = null;
            if (_loader != null)
            {
                _loader.Abandon();
                _loader = null;
                _previewTileM = 0;
                LayOn();
            }
        }

        private void TellFailed(BridgeError error)
        {
            Failed?.Invoke(error);
            _onFailed.Invoke(error.Message);
        }
    }
}
