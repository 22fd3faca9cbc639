using System.Collections.Generic;

namespace VRBridge.Core
{
    /// <summary>Something near the player.</summary>
    public readonly struct NearbyThing
    {
        /// <param name="id">What the scene calls it.</param>
        /// <param name="name">What people call it.</param>
        /// <param name="position">Where it is, in metres.</param>
        public NearbyThing(string id, string name, BridgeVector position)
        {
            Id = id;
            Name = name;
            Position = position;
        }

        /// <summary>What the scene calls it.</summary>
        public string Id { get; }

        /// <summary>What people call it.</summary>
        public string Name { get; }

        /// <summary>Where it is, in metres.</summary>
        public BridgeVector Position { get; }

        internal void Write(MessagePackWriter writer)
        {
            writer.WriteMapHead(3);
            writer.WriteText("id");
            writer.WriteText(Id);
            writer.WriteText("name");
            writer.WriteText(Name ?? "");
            writer.WriteText("position");
            Position.Write(writer);
        }
    }

    /// <summary>What the player sees and is. One object is filled again and again.</summary>
    public sealed class BridgeContext
    {
        /// <summary>Most things that are told of as near.</summary>
        public const int MaxNearby = 256;

        /// <summary>Where the head is.</summary>
        public BridgePose Head { get; set; } = new BridgePose(default, BridgeRotation.Identity);

        /// <summary>Where the left hand is; null if that is not known.</summary>
        public BridgePose? LeftHand { get; set; }

        /// <summary>Where the right hand is; null if that is not known.</summary>
        public BridgePose? RightHand { get; set; }

        /// <summary>Unit vector of where the eyes look; null if that is not known.</summary>
        public BridgeVector? Gaze { get; set; }

        /// <summary>Id of what the player looks at; empty for nothing.</summary>
        public string Focus { get; set; } = "";

        /// <summary>What the place is called; empty if it has no name.</summary>
        public string Place { get; set; } = "";

        /// <summary>What is near; no more than <see cref="MaxNearby"/> of them are told.</summary>
        public List<NearbyThing> Nearby { get; } = new List<NearbyThing>();

        /// <summary>Facts that characters may know; null for none.</summary>
        public BridgeMap State { get; set; }

        private bool HasHands => LeftHand.HasValue || RightHand.HasValue;

        /// <summary>Writes the message.</summary>
        internal void Write(MessagePackWriter writer)
        {
            writer.WriteMapHead(
                2 + One(HasHands) + One(Gaze.HasValue) + One(Is(Focus)) + One(Is(Place)) + One(Nearby.Count > 0)
                + One(State != null));
            writer.WriteText("type");
            writer.WriteText("context");
            writer.WriteText("head");
            Head.Write(writer);
            WriteHands(writer);
            if (Gaze.HasValue)
            {
                writer.WriteText("gaze");
                Gaze.Value.Write(writer);
            }
            WriteText(writer, "focus", Focus);
            WriteText(writer, "place", Place);
            WriteNearby(writer);
            if (State != null)
            {
                writer.WriteText("state");
                writer.WriteValue(State);
            }
        }

        private void WriteHands(MessagePackWriter writer)
        {
            if (!HasHands)
            {
                return;
            }
            writer.WriteText("hands");
            writer.WriteMapHead(One(LeftHand.HasValue) + One(RightHand.HasValue));
            if (LeftHand.HasValue)
            {
                writer.WriteText("left");
                LeftHand.Value.Write(writer);
            }
            if (RightHand.HasValue)
            {
                writer.WriteText("right");
                RightHand.Value.Write(writer);
            }
        }

        private void WriteNearby(MessagePackWriter writer)
        {
            if (Nearby.Count == 0)
            {
                return;
            }
            int count = System.Math.Min(Nearby.Count, MaxNearby);
            writer.WriteText("nearby");
            writer.WriteListHead(count);
            for (int index = 0; index < count; index++)
            {
                Nearby[index].Write(writer);
            }
        }

        private static void WriteText(MessagePackWriter writer, string key, string text)
        {
            if (Is(text))
            {
                writer.WriteText(key);
                writer.WriteText(text);
            }
        }

        private static bool Is(string text)
        {
            return !string.IsNullOrEmpty(text);
        }

        private static int One(bool isThere)
        {
            return isThere ? 1 : 0;
        }
    }
}
