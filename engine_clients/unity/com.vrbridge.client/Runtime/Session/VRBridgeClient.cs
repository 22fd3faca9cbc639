using System;
using System.Collections.Generic;
using System.Diagnostics;
using UnityEngine;
using UnityEngine.Events;
using VRBridge.Core;

namespace VRBridge
{
    /// <summary>
    /// A scene's connection to the bridge. It connects by its settings, reconnects and resumes by itself, and takes no
    /// more of a frame than <see cref="VRBridgeSettings.BudgetMs"/>. All events come on the main thread.
    /// </summary>
    /// <example>
    /// <code>
    /// BridgeRequest request = VRBridgeClient.Find().Request("mesh", new BridgeMap { { "prompt", "a wooden barrel" } });
    /// request.Failed += error => Debug.LogWarning(error);
    /// </code>
    /// </example>
    // Before the components of the scene, so that they see in a frame what arrived in it.
    [DefaultExecutionOrder(-100)]
    [DisallowMultipleComponent]
    [AddComponentMenu("vrbridge/vrbridge Client")]
    public sealed class VRBridgeClient : MonoBehaviour
    {
        private const float _msPerS = 1000;

        private static VRBridgeClient _instance;

        [Tooltip("Where the server is, and what may be spent. Empty: the asset VRBridgeSettings of a Resources folder, else "
            + "the defaults.")]
        [SerializeField] private VRBridgeSettings _settings;

        [Tooltip("Whether it lives on when another scene is loaded. Its object goes if there is a client already, as when "
            + "its scene is loaded again.")]
        [SerializeField] private bool _survivesSceneChange = true;

        [Header("Events")]
        [Tooltip("There is a connection. True if the session lived on.")]
        [SerializeField] private UnityEvent<bool> _onConnected = new UnityEvent<bool>();

        [Tooltip("The connection is gone; it is tried again.")]
        [SerializeField] private UnityEvent _onDisconnected = new UnityEvent();

        [Tooltip("Something went wrong that is not about one request: what to do about it.")]
        [SerializeField] private UnityEvent<string> _onError = new UnityEvent<string>();

        private BridgeConnection _connection;
        private FrameBudget _budget;
        private Background _background;
        private bool _isBegun;

        /// <summary>There is a connection; true if the session lived on.</summary>
        public event Action<bool> Connected;

        /// <summary>The connection is gone: its close code, and in how many seconds it is tried again.</summary>
        public event Action<int, double> Disconnected;

        /// <summary>The server no longer knew the session; open requests were sent again.</summary>
        public event Action SessionLost;

        /// <summary>
        /// Something went wrong that is not about one request. After <c>cannot_connect</c> and <c>unauthorized</c> it is
        /// not tried again; <see cref="Open(BridgeOptions)"/> begins anew.
        /// </summary>
        public event Action<BridgeError> ErrorOccurred;

        /// <summary>A request was made, whoever made it.</summary>
        public event Action<BridgeRequest> RequestStarted;

        /// <summary>The answer to <see cref="Ping"/>: the round trip and the server's clock, both in seconds.</summary>
        public event Action<double, double> PingMeasured;

        /// <summary>The server erased so many items of this scope; see <see cref="Forget"/>.</summary>
        public event Action<string, long> Forgotten;

        /// <summary>Where the server is, and what may be spent; never null.</summary>
        public VRBridgeSettings Settings
        {
            get => _settings != null ? _settings : _settings = VRBridgeSettings.OfProject();
            set => _settings = value;
        }

        /// <summary>Bounds what is done in a frame; others may add work of their own.</summary>
        public FrameBudget Budget
        {
            get
            {
                Prepare();
                return _budget;
            }
        }

        /// <summary>Whether it connects, or tries to.</summary>
        public bool IsOpen => _connection != null && _connection.IsOpen;

        /// <summary>Whether there is a connection at present.</summary>
        public bool IsConnected => _connection != null && _connection.IsConnected;

        /// <summary>What the server can answer: one entry per request kind.</summary>
        public BridgeMap Capabilities => Connection.Capabilities;

        /// <summary>The server's limits.</summary>
        public BridgeMap Limits => Connection.Limits;

        /// <summary>Name and version of the server.</summary>
        public BridgeMap Server => Connection.Server;

        /// <summary>Name of the session; empty before the first connection.</summary>
        public string Session => Connection.Session;

        /// <summary>How many connections there were since it was opened.</summary>
        public int NConnections => Connection.NConnections;

        /// <summary>Bytes that have arrived since it was opened.</summary>
        public long NReceivedBytes => Connection.NReceivedBytes;

        /// <summary>Requests without an end.</summary>
        public IReadOnlyCollection<BridgeRequest> OpenRequests => Connection.OpenRequests;

        /// <summary>Where assets are read.</summary>
        internal Background Background
        {
            get
            {
                Prepare();
                return _background;
            }
        }

        private BridgeConnection Connection
        {
            get
            {
                Prepare();
                return _connection;
            }
        }

        /// <summary>
        /// Returns the client that components use: the one of the scene, else a new one on an object of its own; null
        /// outside of play mode.
        /// </summary>
        public static VRBridgeClient Find()
        {
            if (_instance != null || !Application.isPlaying)
            {
                return _instance;
            }
            // The one of the scene may not have woken yet.
            _instance = FindAnyObjectByType<VRBridgeClient>();
            return _instance != null ? _instance : _instance = new GameObject("vrbridge").AddComponent<VRBridgeClient>();
        }

        /// <summary>Connects by the settings, instead of an older connection.</summary>
        public void Open()
        {
            Open(Settings.Options());
        }

        /// <summary>Connects, instead of an older connection.</summary>
        /// <param name="options">Begin with those of the <see cref="Settings"/>, which know what this machine shows.</param>
        public void Open(BridgeOptions options)
        {
            _isBegun = true;
            Connection.Open(options);
        }

        /// <summary>Closes the connection. Open requests fail with <c>cancelled</c>.</summary>
        public void Close()
        {
            _isBegun = true;
            _connection?.Close();
        }

        /// <summary>
        /// Asks for something. Without a connection the request waits for one; what can't be sent at all fails in the next
        /// frame.
        /// </summary>
        /// <param name="kind">Such as <c>dialogue</c>, <c>texture</c> or <c>mesh</c>.</param>
        /// <param name="parameters">As the kind takes them; must not be changed any more.</param>
        /// <param name="options">How it is asked for; null for the usual.</param>
        public BridgeRequest Request(string kind, BridgeMap parameters, RequestOptions options = null)
        {
            Begin();
            return Connection.Request(kind, parameters, options);
        }

        /// <summary>Stops a request, which ends in the error <c>cancelled</c> unless it has ended already.</summary>
        public void Cancel(BridgeRequest request)
        {
            _connection?.Cancel(request);
        }

        /// <summary>Says that an asset is not wanted, so that no more of it is sent.</summary>
        public void Skip(BridgeAsset asset)
        {
            _connection?.Skip(asset);
        }

        /// <summary>
        /// Says how many characters of an answer the player has seen or heard, counted as code points; what the
        /// character remembers is cut there. <see cref="VRBridgeCharacter"/> does it itself.
        /// </summary>
        public void Heard(BridgeRequest answer, int nCharacters)
        {
            _connection?.Heard(answer, nCharacters);
        }

        /// <summary>
        /// Says what the player sees and is, in the wire's axes (<see cref="Handedness"/>); the newest wins.
        /// <see cref="VRBridgeContext"/> does it itself.
        /// </summary>
        public void UpdateContext(BridgeContext context)
        {
            _connection?.UpdateContext(context);
        }

        /// <summary>
        /// Has the server erase what it has stored about this <c>session</c> or this <c>player</c>, asked again after a
        /// lost connection until <see cref="Forgotten"/> answers. A lost session can't be erased any more: an error.
        /// </summary>
        public void Forget(string scope)
        {
            Connection.Forget(scope);
        }

        /// <summary>Measures a round trip; <see cref="PingMeasured"/> answers.</summary>
        public void Ping()
        {
            Connection.Ping();
        }

        /// <summary>Drops the connection as a bad network would, to try out what a scene does then. Nothing is lost.</summary>
        public void DropConnection()
        {
            _connection?.DropConnection();
        }

        // Play mode may be entered without the domain being loaded anew.
        [RuntimeInitializeOnLoadMethod(RuntimeInitializeLoadType.SubsystemRegistration)]
        private static void ForgetInstance()
        {
            _instance = null;
        }

        private void Awake()
        {
            bool survives = _survivesSceneChange && transform.parent == null && Application.isPlaying;
            if (_instance == null)
            {
                _instance = this;
            }
            else if (_instance != this && survives)
            {
                // The one of before lives on, with its session; each further one would stay for good, too. Disabled, it
                // doesn't even start in the frame that it has left.
                enabled = false;
                Destroy(gameObject);
                return;
            }
            if (survives)
            {
                DontDestroyOnLoad(gameObject);
            }
        }

        private void Start()
        {
            Begin();
        }

        private void Update()
        {
            Prepare();
            _budget.BudgetS = Settings.BudgetMs / _msPerS;
            _budget.Begin();
            _background.Collect();
            // What arrived is used first: messages can be taken in any number of pieces, an upload can't.
            _budget.Run();
            _connection.Update(_budget.HasTime);
            _budget.End();
        }

        // A headset that was taken off may come back to a socket that died meanwhile, and nobody has noticed yet.
        private void OnApplicationPause(bool isPaused)
        {
            if (!isPaused)
            {
                _connection?.Hurry();
            }
        }

        private void OnApplicationFocus(bool hasFocus)
        {
            if (hasFocus && !IsConnected)
            {
                _connection?.Hurry();
            }
        }

        private void OnDestroy()
        {
            _connection?.Dispose();
            if (_instance == this)
            {
                _instance = null;
            }
        }

        // Others' starts may come first, and what they ask for must not be refused.
        private void Begin()
        {
            if (!_isBegun && Settings.ConnectsOnStart)
            {
                Open();
            }
        }

        private void Prepare()
        {
            if (_connection != null)
            {
                return;
            }
            _budget = new FrameBudget(Settings.BudgetMs / _msPerS, NowS);
            _background = new Background(_budget);
            _connection = new BridgeConnection();
            _connection.Connected += TellConnected;
            _connection.Disconnected += TellDisconnected;
            _connection.ErrorOccurred += TellError;
            _connection.SessionLost += () => SessionLost?.Invoke();
            _connection.RequestStarted += request => RequestStarted?.Invoke(request);
            _connection.PingMeasured += (roundTripS, serverS) => PingMeasured?.Invoke(roundTripS, serverS);
            _connection.Forgotten += (scope, nItems) => Forgotten?.Invoke(scope, nItems);
        }

        private static double NowS()
        {
            return Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency;
        }

        private void TellConnected(bool isResumed)
        {
            Connected?.Invoke(isResumed);
            _onConnected.Invoke(isResumed);
        }

        private void TellDisconnected(int closeCode, double retryInS)
        {
            Disconnected?.Invoke(closeCode, retryInS);
            _onDisconnected.Invoke();
        }

        private void TellError(BridgeError error)
        {
            ErrorOccurred?.Invoke(error);
            _onError.Invoke(error.Message);
        }
    }
}
