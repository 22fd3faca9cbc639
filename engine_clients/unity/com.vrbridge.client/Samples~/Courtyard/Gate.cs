using UnityEngine;

namespace VRBridge.Samples.Courtyard
{
    /// <summary>A gate that swings on its hinge.</summary>
    public sealed class Gate : MonoBehaviour
    {
        private const float _openDegrees = 100;
        private const float _degreesPerS = 60;

        private float _goal;
        private float _turned;

        /// <summary>Whether it is open, or opening.</summary>
        public bool IsOpen => _goal > 0;

        /// <summary>Opens it.</summary>
        public void Open()
        {
            _goal = _openDegrees;
        }

        /// <summary>Closes it.</summary>
        public void Close()
        {
            _goal = 0;
        }

        private void Update()
        {
            _turned = Mathf.MoveTowards(_turned, _goal, _degreesPerS * Time.deltaTime);
            transform.localRotation = Quaternion.Euler(0, _turned, 0);
        }
    }
}
