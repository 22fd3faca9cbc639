using UnityEngine;

namespace VRBridge.Samples.Courtyard
{
    /// <summary>Walks with WASD and looks about with the right mouse button, for those without a headset.</summary>
    public sealed class FlatPlayer : MonoBehaviour
    {
        private const float _speedMPerS = 2.5f;
        private const float _degreesPerUnit = 3;
        private const float _steepest = 80;

        private float _turn;
        private float _pitch;

        private void Update()
        {
#if ENABLE_LEGACY_INPUT_MANAGER
            if (Input.GetMouseButton(1))
            {
                _turn += _degreesPerUnit * Input.GetAxis("Mouse X");
                _pitch = Mathf.Clamp(_pitch - _degreesPerUnit * Input.GetAxis("Mouse Y"), -_steepest, _steepest);
            }
            var step = new Vector3(Input.GetAxis("Horizontal"), 0, Input.GetAxis("Vertical"));
            transform.position += Quaternion.Euler(0, _turn, 0) * step * (_speedMPerS * Time.deltaTime);
#endif
            transform.rotation = Quaternion.Euler(_pitch, _turn, 0);
        }
    }
}
