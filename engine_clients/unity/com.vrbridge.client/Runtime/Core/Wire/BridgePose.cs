namespace VRBridge.Core
{
    /// <summary>Three numbers of the wire: metres, right-handed, +Y up, -Z forward; or a direction.</summary>
    public readonly struct BridgeVector
    {
        /// <param name="x">To the right.</param>
        /// <param name="y">Up.</param>
        /// <param name="z">Backwards.</param>
        public BridgeVector(float x, float y, float z)
        {
            X = x;
            Y = y;
            Z = z;
        }

        /// <summary>To the right.</summary>
        public float X { get; }

        /// <summary>Up.</summary>
        public float Y { get; }

        /// <summary>Backwards.</summary>
        public float Z { get; }

        internal void Write(MessagePackWriter writer)
        {
            writer.WriteListHead(3);
            writer.WriteSingle(X);
            writer.WriteSingle(Y);
            writer.WriteSingle(Z);
        }
    }

    /// <summary>A unit quaternion of the wire, right-handed.</summary>
    public readonly struct BridgeRotation
    {
        /// <summary>The four parts.</summary>
        public BridgeRotation(float x, float y, float z, float w)
        {
            X = x;
            Y = y;
            Z = z;
            W = w;
        }

        /// <summary>No rotation.</summary>
        public static BridgeRotation Identity => new BridgeRotation(0, 0, 0, 1);

        /// <summary>First imaginary part.</summary>
        public float X { get; }

        /// <summary>Second imaginary part.</summary>
        public float Y { get; }

        /// <summary>Third imaginary part.</summary>
        public float Z { get; }

        /// <summary>Real part.</summary>
        public float W { get; }

        internal void Write(MessagePackWriter writer)
        {
            writer.WriteListHead(4);
            writer.WriteSingle(X);
            writer.WriteSingle(Y);
            writer.WriteSingle(Z);
            writer.WriteSingle(W);
        }
    }

    /// <summary>Where something is and how it is turned.</summary>
    public readonly struct BridgePose
    {
        /// <summary>The two parts.</summary>
        public BridgePose(BridgeVector position, BridgeRotation orientation)
        {
            Position = position;
            Orientation = orientation;
        }

        /// <summary>In metres.</summary>
        public BridgeVector Position { get; }

        /// <summary>A unit quaternion.</summary>
        public BridgeRotation Orientation { get; }

        internal void Write(MessagePackWriter writer)
        {
            writer.WriteMapHead(2);
            writer.WriteText("position");
            Position.Write(writer);
            writer.WriteText("orientation");
            Orientation.Write(writer);
        }
    }
}
