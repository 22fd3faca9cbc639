using System.Collections.Generic;
using UnityEngine;
using VRBridge.Core;

namespace VRBridge
{
    /// <summary>What was last told of the player, so that only changes are.</summary>
    internal sealed class ContextMemory
    {
        private readonly List<NearbyThing> _nearby = new List<NearbyThing>();
        private BridgePose _head;
        private BridgePose? _leftHand;
        private BridgePose? _rightHand;
        private BridgeVector? _gaze;
        private BridgeMap _state;
        private string _focus;
        private string _place;
        private bool _isKnown;

        /// <summary>Forgets it, so that anything is a change.</summary>
        internal void Forget()
        {
            _isKnown = false;
        }

        /// <summary>Keeps a context if it has changed enough to be told, and says so.</summary>
        internal bool TakeIfChanged(BridgeContext context, float leastMoveM, float leastTurnDegrees)
        {
            bool hasChanged = !_isKnown
                || HasMoved(context.Head, _head, leastMoveM, leastTurnDegrees)
                || HasMoved(context.LeftHand, _leftHand, leastMoveM, leastTurnDegrees)
                || HasMoved(context.RightHand, _rightHand, leastMoveM, leastTurnDegrees)
                || HasTurned(context.Gaze, _gaze, leastTurnDegrees)
                || context.Focus != _focus
                || context.Place != _place
                || !ReferenceEquals(context.State, _state)
                || !AreSame(context.Nearby);
            if (hasChanged)
            {
                Keep(context);
            }
            return hasChanged;
        }

        private void Keep(BridgeContext context)
        {
            _isKnown = true;
            _head = context.Head;
            _leftHand = context.LeftHand;
            _rightHand = context.RightHand;
            _gaze = context.Gaze;
            _focus = context.Focus;
            _place = context.Place;
            _state = context.State;
            _nearby.Clear();
            _nearby.AddRange(context.Nearby);
        }

        private bool AreSame(List<NearbyThing> nearby)
        {
            if (nearby.Count != _nearby.Count)
            {
                return false;
            }
            for (int place = 0; place < nearby.Count; place++)
            {
                NearbyThing now = nearby[place];
                NearbyThing before = _nearby[place];
                bool isSame = now.Id == before.Id && now.Name == before.Name
                    && Handedness.FromWire(now.Position) == Handedness.FromWire(before.Position);
                if (!isSame)
                {
                    return false;
                }
            }
            return true;
        }

        private static bool HasMoved(BridgePose? now, BridgePose? before, float leastMoveM, float leastTurnDegrees)
        {
            if (now.HasValue && before.HasValue)
            {
                return HasMoved(now.Value, before.Value, leastMoveM, leastTurnDegrees);
            }
            return now.HasValue != before.HasValue;
        }

        private static bool HasMoved(BridgePose now, BridgePose before, float leastMoveM, float leastTurnDegrees)
        {
            Vector3 moved = Handedness.FromWire(now.Position) - Handedness.FromWire(before.Position);
            float turned = Quaternion.Angle(
                Handedness.FromWire(now.Orientation), Handedness.FromWire(before.Orientation));
            return moved.magnitude > leastMoveM || turned > leastTurnDegrees;
        }

        private static bool HasTurned(BridgeVector? now, BridgeVector? before, float leastTurnDegrees)
        {
            if (now.HasValue && before.HasValue)
            {
                return Vector3.Angle(Handedness.FromWire(now.Value), Handedness.FromWire(before.Value)) > leastTurnDegrees;
            }
            return now.HasValue != before.HasValue;
        }
    }
}
