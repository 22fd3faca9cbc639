using System.Collections.Generic;
using UnityEngine;

namespace VRBridge
{
    /// <summary>Something in the scene that characters know of when it is near or looked at.</summary>
    [DisallowMultipleComponent]
    [AddComponentMenu("vrbridge/vrbridge Thing")]
    public sealed class VRBridgeThing : MonoBehaviour
    {
        private static readonly List<VRBridgeThing> _all = new List<VRBridgeThing>();

        [Tooltip("What the scene calls it; empty takes the name that the object has when it comes to life.")]
        [SerializeField] private string _id = "";

        [Tooltip("What people call it; empty makes one of the object's name.")]
        [SerializeField] private string _spokenName = "";

        // Each look at an object's name makes a new text.
        private string _name;
        private string _spokenOfName;

        /// <summary>All things that are active in the scene.</summary>
        public static IReadOnlyList<VRBridgeThing> All => _all;

        /// <summary>What the scene calls it.</summary>
        public string Id
        {
            get => _id.Length > 0 ? _id : _name ?? name;
            set => _id = value;
        }

        /// <summary>What people call it.</summary>
        public string SpokenName
        {
            get => _spokenName.Length > 0 ? _spokenName : _spokenOfName ?? Spoken(name);
            set => _spokenName = value;
        }

        // Play mode may be entered without the domain being loaded anew.
        [RuntimeInitializeOnLoadMethod(RuntimeInitializeLoadType.SubsystemRegistration)]
        private static void ForgetAll()
        {
            _all.Clear();
        }

        private void OnEnable()
        {
            _name = name;
            _spokenOfName = Spoken(_name);
            _all.Add(this);
        }

        private void OnDisable()
        {
            _all.Remove(this);
        }

        // "MarketTable_2" is spoken "market table 2".
        private static string Spoken(string name)
        {
            var words = new System.Text.StringBuilder();
            for (int place = 0; place < name.Length; place++)
            {
                bool isNewWord = place > 0 && char.IsUpper(name[place]) && char.IsLower(name[place - 1]);
                if (isNewWord)
                {
                    words.Append(' ');
                }
                words.Append(name[place] == '_' ? ' ' : char.ToLowerInvariant(name[place]));
            }
            return words.ToString();
        }
    }
}
