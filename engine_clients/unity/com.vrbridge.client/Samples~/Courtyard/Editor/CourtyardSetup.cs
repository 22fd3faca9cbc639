using System;
using UnityEditor;
using UnityEditor.SceneManagement;
using UnityEngine;
using VRBridge.Samples.Courtyard;

namespace VRBridge.Samples.Courtyard.Editor
{
    /// <summary>Builds the courtyard as a new scene.</summary>
    public static class CourtyardSetup
    {
        private const float _sideM = 12;
        private const float _wallM = 3;
        private const float _thicknessM = 0.3f;
        private const float _gateM = 2.4f;
        private const float _eyesM = 1.65f;

        // What tells that the XR Interaction Toolkit is installed, and its menu item that makes a rig.
        private const string _xrMark = "UnityEngine.XR.Interaction.Toolkit.XRInteractionManager, Unity.XR.Interaction.Toolkit";
        private const string _xrItem = "GameObject/XR/XR Origin (VR)";

        /// <summary>Builds it.</summary>
        [MenuItem("GameObject/vrbridge/Courtyard (new scene)")]
        public static void Build()
        {
            EditorSceneManager.NewScene(NewSceneSetup.EmptyScene, NewSceneMode.Single);
            var root = new GameObject("Courtyard");
            Courtyard courtyard = root.AddComponent<Courtyard>();
            Transform head = AddPlayer();
            AddSun();
            new GameObject("vrbridge").AddComponent<VRBridgeClient>();
            VRBridgeContext context = root.AddComponent<VRBridgeContext>();
            context.Head = head;
            context.Place = "courtyard";

            AddBlock(root, "Ground", new Vector3(0, -0.1f, 0), new Vector3(_sideM, 0.2f, _sideM), "worn cobblestones");
            AddBlock(root, "North wall", new Vector3(0, _wallM / 2, _sideM / 2), Along(_sideM), "red brick wall");
            AddBlock(root, "West wall", new Vector3(-_sideM / 2, _wallM / 2, 0), Across(_sideM), "rough plaster");
            AddBlock(root, "East wall", new Vector3(_sideM / 2, _wallM / 2, 0), Across(_sideM), "mossy stone wall");
            Gate gate = AddSouthSide(root);
            courtyard.SetUp(AddSmith(root), gate);
            AddProp(root, "a wooden barrel", new Vector3(3, 0, 3.5f));
            EditorUtility.SetDirty(courtyard);
        }

        private static Transform AddPlayer()
        {
            if (Type.GetType(_xrMark) != null && EditorApplication.ExecuteMenuItem(_xrItem) && Camera.main != null)
            {
                return Camera.main.transform;
            }
            var eyes = new GameObject("Player") { tag = "MainCamera" };
            eyes.AddComponent<Camera>().nearClipPlane = 0.05f;
            eyes.AddComponent<AudioListener>();
            eyes.AddComponent<FlatPlayer>();
            eyes.transform.position = new Vector3(0, _eyesM, -3);
            return eyes.transform;
        }

        private static void AddSun()
        {
            Light sun = new GameObject("Sun").AddComponent<Light>();
            sun.type = LightType.Directional;
            sun.color = new Color(1, 0.93f, 0.82f);
            sun.intensity = 1.2f;
            sun.shadows = LightShadows.Soft;
            sun.transform.rotation = Quaternion.Euler(42, -35, 0);
        }

        private static Gate AddSouthSide(GameObject root)
        {
            float wide = (_sideM - _gateM) / 2;
            float middle = (_gateM + wide) / 2;
            foreach ((string name, float x) in new[] { ("South wall, left", -middle), ("South wall, right", middle) })
            {
                AddBlock(root, name, new Vector3(x, _wallM / 2, -_sideM / 2), Along(wide), "old oak planks");
            }
            var hinge = new GameObject("Gate");
            hinge.transform.SetParent(root.transform, false);
            hinge.transform.position = new Vector3(-_gateM / 2, 0, -_sideM / 2);
            GameObject leaf = AddBlock(
                hinge, "Gate leaf", new Vector3(0, _wallM / 2, -_sideM / 2), new Vector3(_gateM, _wallM, 0.1f), "iron-bound oak door");
            leaf.AddComponent<VRBridgeThing>().SpokenName = "gate";
            return hinge.AddComponent<Gate>();
        }

        private static VRBridgeCharacter AddSmith(GameObject root)
        {
            GameObject body = GameObject.CreatePrimitive(PrimitiveType.Capsule);
            body.name = "Smith";
            body.transform.SetParent(root.transform, false);
            body.transform.position = new Vector3(-2, 1, 2.5f);
            VRBridgeThing thing = body.AddComponent<VRBridgeThing>();
            thing.SpokenName = "blacksmith";
            VRBridgeCharacter smith = body.AddComponent<VRBridgeCharacter>();
            smith.Npc = "blacksmith";
            smith.DisplayName = "Smith";
            return smith;
        }

        private static void AddProp(GameObject root, string prompt, Vector3 place)
        {
            var thing = new GameObject("Barrel");
            thing.transform.SetParent(root.transform, false);
            thing.transform.position = place;
            thing.AddComponent<VRBridgeMesh>().Prompt = prompt;
            thing.AddComponent<VRBridgeThing>().SpokenName = prompt;
        }

        private static GameObject AddBlock(GameObject parent, string name, Vector3 place, Vector3 size, string prompt)
        {
            GameObject block = GameObject.CreatePrimitive(PrimitiveType.Cube);
            block.name = name;
            block.transform.SetParent(parent.transform, true);
            block.transform.position = place;
            block.transform.localScale = size;
            VRBridgeMaterial material = block.AddComponent<VRBridgeMaterial>();
            material.Prompt = prompt;
            return block;
        }

        private static Vector3 Along(float lengthM)
        {
            return new Vector3(lengthM, _wallM, _thicknessM);
        }

        private static Vector3 Across(float lengthM)
        {
            return new Vector3(_thicknessM, _wallM, lengthM);
        }
    }
}
