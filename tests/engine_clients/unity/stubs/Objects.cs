// Objects, components and transforms: a scene's tree in managed memory.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;

namespace UnityEngine
{
    [Flags]
    public enum HideFlags
    {
        None = 0,
        HideInHierarchy = 1,
        HideInInspector = 2,
        DontSaveInEditor = 4,
        NotEditable = 8,
        DontSaveInBuild = 16,
        DontUnloadUnusedAsset = 32,
        DontSave = DontSaveInEditor | DontSaveInBuild | DontUnloadUnusedAsset,
        HideAndDontSave = HideInHierarchy | DontSave | NotEditable,
    }

#if UNITY_6000_3_OR_NEWER
    public struct EntityId
    {
        internal int Number;
    }
#endif

    public class Object
    {
        static int _nMade;
        readonly int _number = ++_nMade;

        public virtual string name { get; set; } = "";
        public HideFlags hideFlags { get; set; }
        internal bool IsGone { get; private set; }

        public int GetInstanceID() => _number;
#if UNITY_6000_3_OR_NEWER
        public EntityId GetEntityId() => new EntityId { Number = _number };
#endif

        public static void Destroy(Object obj)
        {
            if (obj != null)
            {
                Frames.DestroyLater(obj);
            }
        }

        public static void DestroyImmediate(Object obj)
        {
            if (obj != null)
            {
                obj.Vanish();
            }
        }

        public static void DontDestroyOnLoad(Object target)
        {
        }

        public static T Instantiate<T>(T original) where T : Object => (T)original.Copy();

        public static T FindAnyObjectByType<T>() where T : Object =>
            GameObject.All.SelectMany(each => each.Components).OfType<T>().FirstOrDefault(each => each != null);

        public static implicit operator bool(Object exists) => exists != null;
        public static bool operator ==(Object x, Object y) => ReferenceEquals(Living(x), Living(y));
        public static bool operator !=(Object x, Object y) => !(x == y);
        public override bool Equals(object other) => other is Object o && this == o;
        public override int GetHashCode() => _number;
        public override string ToString() => name;

        internal virtual void Vanish()
        {
            IsGone = true;
        }

        internal virtual Object Copy() => throw new NotSupportedException($"{GetType()} has no copy here.");

        static Object Living(Object some) => ReferenceEquals(some, null) || some.IsGone ? null : some;
    }

    public class ScriptableObject : Object
    {
        public static T CreateInstance<T>() where T : ScriptableObject => Activator.CreateInstance<T>();
    }

    public class Component : Object
    {
        public GameObject gameObject { get; internal set; }
        public Transform transform => gameObject.transform;
        public override string name
        {
            get => gameObject.name;
            set => gameObject.name = value;
        }

        public void SendMessage(string methodName, object value) => ((MonoBehaviour)this).Tell(methodName, value);
        public T GetComponent<T>() => gameObject.GetComponent<T>();
        public T GetComponentInParent<T>() => gameObject.GetComponentInParent<T>();
        public T GetComponentInChildren<T>() => gameObject.GetComponentInChildren<T>();
        public T[] GetComponentsInChildren<T>() => gameObject.GetComponentsInChildren<T>();

        internal override void Vanish()
        {
            if (!IsGone)
            {
                base.Vanish();
                gameObject.Components.Remove(this);
            }
        }
    }

    public class Behaviour : Component
    {
        bool _isEnabled = true;

        public bool enabled
        {
            get => _isEnabled;
            set
            {
                _isEnabled = value;
                gameObject.Settle(this);
            }
        }

        public bool isActiveAndEnabled => _isEnabled && gameObject.activeInHierarchy;
    }

    public class MonoBehaviour : Behaviour
    {
        internal bool IsAwake;
        internal bool IsRunning;
        internal bool IsStarted;

        internal void Tell(string message, params object[] arguments)
        {
            const BindingFlags all = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
            for (Type type = GetType(); type != typeof(MonoBehaviour); type = type.BaseType)
            {
                MethodInfo method = type.GetMethod(message, all);
                if (method != null)
                {
                    Frames.Try(() => method.Invoke(this, arguments));
                    return;
                }
            }
        }

        internal override void Vanish()
        {
            if (IsGone)
            {
                return;
            }

            if (IsRunning)
            {
                IsRunning = false;
                Tell("OnDisable");
            }

            if (IsAwake)
            {
                Tell("OnDestroy");
            }

            base.Vanish();
        }
    }

    public sealed class GameObject : Object
    {
        internal static readonly List<GameObject> All = new List<GameObject>();
        internal readonly List<Component> Components = new List<Component>();
        bool _isActive = true;

        public GameObject() : this("New Game Object")
        {
        }

        public GameObject(string name)
        {
            this.name = name;
            All.Add(this);
            transform = AddComponent<Transform>();
        }

        public GameObject(string name, params Type[] components) : this(name)
        {
            foreach (Type each in components)
            {
                AddComponent(each);
            }
        }

        public Transform transform { get; internal set; }
        public int layer { get; set; }
        public bool isStatic { get; set; }
        public string tag { get; set; } = "Untagged";
        public bool activeSelf => _isActive;
        public bool activeInHierarchy =>
            _isActive && (transform?.parent == null || transform.parent.gameObject.activeInHierarchy);

        public void SetActive(bool value)
        {
            _isActive = value;
            foreach (MonoBehaviour each in GetComponentsInChildren<MonoBehaviour>(true))
            {
                each.gameObject.Settle(each);
            }
        }

        public T AddComponent<T>() where T : Component => (T)AddComponent(typeof(T));

        public Component AddComponent(Type componentType)
        {
            foreach (RequireComponent need in componentType.GetCustomAttributes(typeof(RequireComponent), true))
            {
                if (!Components.Any(each => need.m_Type0.IsInstanceOfType(each)))
                {
                    AddComponent(need.m_Type0);
                }
            }

            var made = (Component)Activator.CreateInstance(componentType, true);
            made.gameObject = this;
            if (made is RectTransform rect && transform != null)
            {
                rect.Replace(transform);
                Components.Remove(transform);
                transform = rect;
            }

            Components.Add(made);
            if (made is Behaviour behaviour)
            {
                Settle(behaviour);
            }

            return made;
        }

        public T GetComponent<T>() => Components.OfType<T>().FirstOrDefault();

        public bool TryGetComponent<T>(out T component)
        {
            component = GetComponent<T>();
            return component != null;
        }

        public T GetComponentInParent<T>()
        {
            for (Transform each = transform; each != null; each = each.parent)
            {
                T found = each.gameObject.GetComponent<T>();
                if (found != null)
                {
                    return found;
                }
            }

            return default;
        }

        public T GetComponentInChildren<T>() => GetComponentInChildren<T>(false);

        public T GetComponentInChildren<T>(bool includeInactive) =>
            GetComponentsInChildren<T>(includeInactive).FirstOrDefault();

        public T[] GetComponentsInChildren<T>() => GetComponentsInChildren<T>(false);

        public T[] GetComponentsInChildren<T>(bool includeInactive) => Components.OfType<T>()
            .Where(_ => includeInactive || activeInHierarchy)
            .Concat(transform.Children.SelectMany(each => each.gameObject.GetComponentsInChildren<T>(includeInactive)))
            .ToArray();

        public static GameObject CreatePrimitive(PrimitiveType type)
        {
            var made = new GameObject(type.ToString());
            made.AddComponent<MeshFilter>().sharedMesh = new Mesh { name = type.ToString() };
            made.AddComponent<MeshRenderer>();
            if (type == PrimitiveType.Sphere)
            {
                made.AddComponent<SphereCollider>();
            }
            else
            {
                made.AddComponent<BoxCollider>();
            }

            return made;
        }

        internal void Settle(Behaviour behaviour)
        {
            if (!(behaviour is MonoBehaviour mono))
            {
                return;
            }

            if (activeInHierarchy && !mono.IsAwake)
            {
                mono.IsAwake = true;
                mono.Tell("Awake");
            }

            bool isWanted = mono.IsAwake && mono.isActiveAndEnabled;
            if (isWanted != mono.IsRunning)
            {
                mono.IsRunning = isWanted;
                mono.Tell(isWanted ? "OnEnable" : "OnDisable");
            }
        }

        internal override void Vanish()
        {
            if (IsGone)
            {
                return;
            }

            foreach (Transform child in transform.Children.ToArray())
            {
                child.gameObject.Vanish();
            }

            transform.SetParent(null, false);
            foreach (Component each in Components.ToArray())
            {
                each.Vanish();
            }

            base.Vanish();
            All.Remove(this);
        }
    }

    public enum PrimitiveType
    {
        Sphere,
        Capsule,
        Cylinder,
        Cube,
        Plane,
        Quad,
    }

    public class Transform : Component
    {
        internal readonly List<Transform> Children = new List<Transform>();
        Transform _parent;

        public Transform parent
        {
            get => _parent;
            set => SetParent(value, true);
        }

        public int childCount => Children.Count;
        public Vector3 localPosition { get; set; }
        public Quaternion localRotation { get; set; } = Quaternion.identity;
        public Vector3 localScale { get; set; } = Vector3.one;
        public Vector3 forward => rotation * Vector3.forward;
        public Vector3 up => rotation * Vector3.up;
        public Vector3 lossyScale => _parent == null ? localScale : Vector3.Scale(_parent.lossyScale, localScale);

        public Vector3 position
        {
            get => _parent == null ? localPosition : _parent.TransformPoint(localPosition);
            set => localPosition = _parent == null ? value : _parent.InverseTransformPoint(value);
        }

        public Quaternion rotation
        {
            get => _parent == null ? localRotation : _parent.rotation * localRotation;
            set => localRotation = _parent == null ? value : Quaternion.Inverse(_parent.rotation) * value;
        }

        public Matrix4x4 localToWorldMatrix => Matrix4x4.TRS(position, rotation, lossyScale);

        public Vector3 TransformPoint(Vector3 position) => this.position + rotation * Vector3.Scale(lossyScale, position);
        public Vector3 TransformDirection(Vector3 direction) => rotation * direction;

        public Vector3 InverseTransformPoint(Vector3 position)
        {
            Vector3 turned = Quaternion.Inverse(rotation) * (position - this.position);
            Vector3 scale = lossyScale;
            return new Vector3(turned.x / scale.x, turned.y / scale.y, turned.z / scale.z);
        }

        public void SetPositionAndRotation(Vector3 position, Quaternion rotation)
        {
            this.position = position;
            this.rotation = rotation;
        }

        public Transform GetChild(int index) => Children[index];

        public Transform Find(string n) => Children.FirstOrDefault(each => each.name == n);

        public void SetParent(Transform p) => SetParent(p, true);

        public void SetParent(Transform parent, bool worldPositionStays)
        {
            Vector3 place = position;
            Quaternion turn = rotation;
            _parent?.Children.Remove(this);
            _parent = parent;
            parent?.Children.Add(this);
            if (worldPositionStays)
            {
                SetPositionAndRotation(place, turn);
            }
        }

        public void LookAt(Vector3 worldPosition) => rotation = Quaternion.LookRotation(worldPosition - position);

        internal void Replace(Transform other)
        {
            localPosition = other.localPosition;
            localRotation = other.localRotation;
            localScale = other.localScale;
            SetParent(other.parent, false);
            other.SetParent(null, false);
            foreach (Transform child in other.Children.ToArray())
            {
                child.SetParent(this, false);
            }
        }
    }

    public sealed class RectTransform : Transform
    {
        public Vector2 sizeDelta { get; set; }
        public Vector2 pivot { get; set; } = new Vector2(0.5f, 0.5f);
    }
}
