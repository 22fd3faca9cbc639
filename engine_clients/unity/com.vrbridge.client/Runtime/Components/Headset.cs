using UnityEngine;
using UnityEngine.XR;
using VRBridge.Core;

namespace VRBridge
{
    /// <summary>Where the hands and the eyes of a headset are, as the XR plug-in tells them, in the room's space.</summary>
    internal static class Headset
    {
        /// <summary>
        /// Returns where a hand is in the scene, in the wire's axes; null if that is not known. The room's floor is at
        /// <paramref name="room"/>; null is the scene's origin.
        /// </summary>
        internal static BridgePose? Hand(XRNode hand, Transform room)
        {
            InputDevice device = InputDevices.GetDeviceAtXRNode(hand);
            if (!device.isValid
                || !device.TryGetFeatureValue(CommonUsages.devicePosition, out Vector3 position)
                || !device.TryGetFeatureValue(CommonUsages.deviceRotation, out Quaternion rotation))
            {
                return null;
            }
            return Handedness.ToWire(InScene(position, room), room != null ? room.rotation * rotation : rotation);
        }

        /// <summary>Returns where the eyes look from the head, of length 1; null if they are not tracked.</summary>
        internal static Vector3? Gaze(Vector3 head, Transform room)
        {
            InputDevice device = InputDevices.GetDeviceAtXRNode(XRNode.CenterEye);
            if (!device.isValid
                || !device.TryGetFeatureValue(CommonUsages.eyesData, out Eyes eyes)
                || !eyes.TryGetFixationPoint(out Vector3 fixation))
            {
                return null;
            }
            Vector3 along = InScene(fixation, room) - head;
            return along.sqrMagnitude > 0 ? along.normalized : (Vector3?)null;
        }

        private static Vector3 InScene(Vector3 position, Transform room)
        {
            return room != null ? room.TransformPoint(position) : position;
        }
    }
}
