// Events that a scene's author can bind in the inspector.
using System;

namespace UnityEngine.Events
{
    public delegate void UnityAction();

    public delegate void UnityAction<T0>(T0 arg0);

    public delegate void UnityAction<T0, T1>(T0 arg0, T1 arg1);

    public abstract class UnityEventBase
    {
    }

    [Serializable]
    public class UnityEvent : UnityEventBase
    {
        event UnityAction Called;

        public void AddListener(UnityAction call) => Called += call;
        public void RemoveListener(UnityAction call) => Called -= call;
        public void Invoke() => Called?.Invoke();
    }

    [Serializable]
    public class UnityEvent<T0> : UnityEventBase
    {
        event UnityAction<T0> Called;

        public void AddListener(UnityAction<T0> call) => Called += call;
        public void RemoveListener(UnityAction<T0> call) => Called -= call;
        public void Invoke(T0 arg0) => Called?.Invoke(arg0);
    }

    [Serializable]
    public class UnityEvent<T0, T1> : UnityEventBase
    {
        event UnityAction<T0, T1> Called;

        public void AddListener(UnityAction<T0, T1> call) => Called += call;
        public void RemoveListener(UnityAction<T0, T1> call) => Called -= call;
        public void Invoke(T0 arg0, T1 arg1) => Called?.Invoke(arg0, arg1);
    }
}
