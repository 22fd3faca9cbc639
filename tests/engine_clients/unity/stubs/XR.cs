// Devices of a headset, which tests put into the room.
using System.Collections.Generic;

namespace UnityEngine.XR
{
    public enum XRNode
    {
        LeftEye = 0,
        RightEye = 1,
        CenterEye = 2,
        Head = 3,
        LeftHand = 4,
        RightHand = 5,
    }

    public struct InputFeatureUsage<T>
    {
        public InputFeatureUsage(string usageName)
        {
            name = usageName;
        }

        public string name { get; set; }
    }

    public struct Eyes
    {
        internal Vector3? Fixation;

        public bool TryGetFixationPoint(out Vector3 fixationPoint)
        {
            fixationPoint = Fixation ?? default;
            return Fixation != null;
        }
    }

    public static class CommonUsages
    {
        public static InputFeatureUsage<bool> triggerButton = new InputFeatureUsage<bool>("TriggerButton");
        public static InputFeatureUsage<Vector3> devicePosition = new InputFeatureUsage<Vector3>("DevicePosition");
        public static InputFeatureUsage<Quaternion> deviceRotation = new InputFeatureUsage<Quaternion>("DeviceRotation");
        public static InputFeatureUsage<Eyes> eyesData = new InputFeatureUsage<Eyes>("EyesData");
    }

    public struct InputDevice
    {
        internal Dictionary<string, object> Features;

        public bool isValid => Features != null;
        public bool TryGetFeatureValue(InputFeatureUsage<bool> usage, out bool value) => Find(usage.name, out value);
        public bool TryGetFeatureValue(InputFeatureUsage<Vector3> usage, out Vector3 value) => Find(usage.name, out value);
        public bool TryGetFeatureValue(InputFeatureUsage<Quaternion> usage, out Quaternion value) => Find(usage.name, out value);
        public bool TryGetFeatureValue(InputFeatureUsage<Eyes> usage, out Eyes value) => Find(usage.name, out value);

        bool Find<T>(string name, out T value)
        {
            object found = null;
            bool isThere = Features != null && Features.TryGetValue(name, out found);
            value = isThere ? (T)found : default;
            return isThere;
        }
    }

    public class InputDevices
    {
        internal static readonly Dictionary<XRNode, InputDevice> Worn = new Dictionary<XRNode, InputDevice>();

        public static InputDevice GetDeviceAtXRNode(XRNode node) => Worn.TryGetValue(node, out InputDevice found) ? found : default;
    }
}
