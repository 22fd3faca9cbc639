using System;
using UnityEngine;
using UnityEngine.Events;

namespace VRBridge
{
    /// <summary>Something that a character may choose to do, without arguments; set up in the inspector.</summary>
    [Serializable]
    public sealed class CharacterAction
    {
        [Tooltip("What the action is called on the wire, such as open_gate.")]
        [SerializeField] private string _name = "";

        [Tooltip("What it does, in words that help the character to choose it.")]
        [SerializeField] private string _description = "";

        [Tooltip("The character chose it.")]
        [SerializeField] private UnityEvent _onChosen = new UnityEvent();

        /// <summary>What the action is called on the wire.</summary>
        public string Name => _name;

        /// <summary>What it does, in words that help the character to choose it.</summary>
        public string Description => _description;

        /// <summary>The character chose it.</summary>
        public UnityEvent OnChosen => _onChosen;
    }
}
