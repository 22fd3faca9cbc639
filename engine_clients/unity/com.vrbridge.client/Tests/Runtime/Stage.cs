using System;
using System.Collections;
using System.Collections.Generic;
using NUnit.Framework;
using UnityEngine;
using Object = UnityEngine.Object;

namespace VRBridge.Tests
{
    /// <summary>Objects of one test, which are gone after it.</summary>
    internal sealed class Stage
    {
        private const double _withinS = 120;

        private readonly List<Object> _made = new List<Object>();

        /// <summary>Returns a new object with a component.</summary>
        internal T Make<T>(string name = "thing")
            where T : Component
        {
            return Make(name).AddComponent<T>();
        }

        /// <summary>Returns a new object.</summary>
        internal GameObject Make(string name)
        {
            var made = new GameObject(name);
            _made.Add(made);
            return made;
        }

        /// <summary>Returns the player's eyes: a main camera.</summary>
        internal Transform Eyes(Vector3 position)
        {
            GameObject eyes = Make("Eyes");
            eyes.tag = "MainCamera";
            eyes.AddComponent<Camera>();
            eyes.transform.position = position;
            return eyes.transform;
        }

        /// <summary>Has somebody look at a point.</summary>
        internal static void Look(Transform eyes, Vector3 at)
        {
            eyes.rotation = Quaternion.LookRotation(at - eyes.position, Vector3.up);
        }

        /// <summary>Destroys all of them.</summary>
        internal void Clear()
        {
            foreach (Object each in _made)
            {
                if (each != null)
                {
                    Object.DestroyImmediate(each);
                }
            }
            _made.Clear();
        }

        /// <summary>Goes on for as many frames as it takes.</summary>
        internal static IEnumerator Until(Func<bool> isSo, Func<string> what)
        {
            double endS = Time.realtimeSinceStartupAsDouble + _withinS;
            while (!isSo())
            {
                Assert.That(Time.realtimeSinceStartupAsDouble, Is.LessThan(endS), what());
                yield return null;
            }
        }
    }
}
