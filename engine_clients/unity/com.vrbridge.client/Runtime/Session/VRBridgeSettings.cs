using System;
using UnityEngine;
using VRBridge.Core;

namespace VRBridge
{
    /// <summary>
    /// Where the server is and what this project may spend on what arrives. Without one on the client, the asset
    /// <c>VRBridgeSettings</c> of a <c>Resources</c> folder is taken, and else the defaults.
    /// </summary>
    [CreateAssetMenu(menuName = "vrbridge/Settings", fileName = ResourceName)]
    public sealed class VRBridgeSettings : ScriptableObject
    {
        /// <summary>What such an asset is called in a <c>Resources</c> folder.</summary>
        public const string ResourceName = "VRBridgeSettings";

        /// <summary>Environment variable that is looked up before <see cref="_token"/>, so that builds need hold none.</summary>
        public const string TokenVariable = "VRBRIDGE_TOKEN";

        private const string _devicePreference = "vrbridge.device";

        [Header("Connection")]
        [Tooltip("Address of the server. Empty: in a web build the server that the page came from, else this machine "
            + "(ws://127.0.0.1:8765/ws).")]
        [SerializeField] private string _url = "";

        [Tooltip("Token of the player, if the server wants one. What is here is in every build; the environment variable "
            + "VRBRIDGE_TOKEN, and #token= of a web page's address, come before it.")]
        [SerializeField] private string _token = "";

        [Tooltip("Whether the client connects as soon as the scene runs.")]
        [SerializeField] private bool _connectsOnStart = true;

        [Tooltip("Tells players without a token apart; characters remember by it. Empty makes one and keeps it.")]
        [SerializeField] private string _deviceName = "";

        [Tooltip("How long a lost connection is tried again, in seconds.")]
        [SerializeField, Range(1, 3600)] private float _giveUpS = 300;

        [Header("Performance")]
        [Tooltip("Most time of a frame that is spent on what arrives, in milliseconds.")]
        [SerializeField, Range(0.1f, 10)] private float _budgetMs = 1.5f;

        [Tooltip("How much may be on its way, in KiB. 512 fill 50 Mbit/s with a round trip of 80 ms.")]
        [SerializeField, Range(64, 4096)] private int _windowKib = 512;

        [Tooltip("What has arrived and was not used yet holds back more above this, in MiB.")]
        [SerializeField, Range(1, 256)] private int _maxHeldMib = 8;

        [Tooltip("Longest side of a texture, in pixels.")]
        [SerializeField, Range(64, 2048)] private int _maxTexturePx = 2048;

        [Tooltip("Most faces of a mesh.")]
        [SerializeField, Range(50, 20000)] private int _maxFaces = 20000;

        /// <summary>Address of the server; empty looks for it.</summary>
        public string Url
        {
            get => _url;
            set => _url = value;
        }

        /// <summary>Token of the player; empty if the server wants none.</summary>
        public string Token
        {
            get => _token;
            set => _token = value;
        }

        /// <summary>Whether the client connects as soon as the scene runs.</summary>
        public bool ConnectsOnStart
        {
            get => _connectsOnStart;
            set => _connectsOnStart = value;
        }

        /// <summary>Tells players without a token apart; empty makes a name and keeps it.</summary>
        public string DeviceName
        {
            get => _deviceName;
            set => _deviceName = value;
        }

        /// <summary>How long a lost connection is tried again, in seconds.</summary>
        public float GiveUpS
        {
            get => _giveUpS;
            set => _giveUpS = value;
        }

        /// <summary>Most time of a frame that is spent on what arrives, in milliseconds.</summary>
        public float BudgetMs
        {
            get => _budgetMs;
            set => _budgetMs = value;
        }

        /// <summary>Returns the settings of the project: the asset in a <c>Resources</c> folder, else the defaults.</summary>
        public static VRBridgeSettings OfProject()
        {
            VRBridgeSettings kept = Resources.Load<VRBridgeSettings>(ResourceName);
            return kept != null ? kept : CreateInstance<VRBridgeSettings>();
        }

        /// <summary>Returns what a connection is opened with.</summary>
        public BridgeOptions Options()
        {
            return new BridgeOptions
            {
                Url = Address(),
                Token = Secret(),
                Device = Device(),
                GiveUpS = _giveUpS,
                WindowBytes = _windowKib << 10,
                MaxHeldBytes = (long)_maxHeldMib << 20,
                MaxTexturePx = Mathf.Min(_maxTexturePx, SystemInfo.maxTextureSize),
                MaxFaces = _maxFaces,
                TextureFormats = VRBridge.TextureFormats.Supported(),
                MeshFormats = MeshLoader.Formats,
            };
        }

        private string Address()
        {
            if (!string.IsNullOrEmpty(_url))
            {
                return _url;
            }
            return WebPage.ServerOf(Application.absoluteURL) ?? BridgeOptions.DefaultUrl;
        }

        private string Secret()
        {
            string secret = Environment.GetEnvironmentVariable(TokenVariable);
            if (string.IsNullOrEmpty(secret))
            {
                secret = WebPage.TokenOf(Application.absoluteURL);
            }
            return string.IsNullOrEmpty(secret) ? _token : secret;
        }

        private string Device()
        {
            if (!string.IsNullOrEmpty(_deviceName))
            {
                return _deviceName;
            }
            string kept = PlayerPrefs.GetString(_devicePreference, "");
            if (kept.Length == 0)
            {
                kept = "unity-" + Guid.NewGuid().ToString("N").Substring(0, 16);
                PlayerPrefs.SetString(_devicePreference, kept);
                PlayerPrefs.Save();
            }
            return kept;
        }
    }
}
