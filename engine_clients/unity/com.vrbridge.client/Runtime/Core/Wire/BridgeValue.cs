namespace VRBridge.Core
{
    /// <summary>What a <see cref="BridgeValue"/> is.</summary>
    public enum BridgeKind
    {
        /// <summary>Nothing.</summary>
        Nil,

        /// <summary>True or false.</summary>
        Truth,

        /// <summary>A whole number.</summary>
        Whole,

        /// <summary>A finite number.</summary>
        Number,

        /// <summary>A text.</summary>
        Text,

        /// <summary>Bytes.</summary>
        Bytes,

        /// <summary>A <see cref="BridgeList"/>.</summary>
        List,

        /// <summary>A <see cref="BridgeMap"/>.</summary>
        Map,
    }

    /// <summary>
    /// One value of the wire; the default is nil. Numbers and truth values take no memory of their own.
    /// </summary>
    public readonly struct BridgeValue
    {
        private readonly object _reference;
        private readonly double _number;
        private readonly long _whole;

        private BridgeValue(BridgeKind kind, object reference, long whole, double number)
        {
            Kind = reference == null && kind >= BridgeKind.Text ? BridgeKind.Nil : kind;
            _reference = reference;
            _whole = whole;
            _number = number;
        }

        /// <summary>What it is.</summary>
        public BridgeKind Kind { get; }

        /// <summary>Whether it is nothing.</summary>
        public bool IsNil => Kind == BridgeKind.Nil;

        /// <summary>A truth value.</summary>
        public static implicit operator BridgeValue(bool truth)
        {
            return new BridgeValue(BridgeKind.Truth, null, truth ? 1 : 0, 0);
        }

        /// <summary>A whole number.</summary>
        public static implicit operator BridgeValue(int whole)
        {
            return new BridgeValue(BridgeKind.Whole, null, whole, 0);
        }

        /// <summary>A whole number.</summary>
        public static implicit operator BridgeValue(long whole)
        {
            return new BridgeValue(BridgeKind.Whole, null, whole, 0);
        }

        /// <summary>A number.</summary>
        public static implicit operator BridgeValue(double number)
        {
            return new BridgeValue(BridgeKind.Number, null, 0, number);
        }

        /// <summary>A text; null is nil.</summary>
        public static implicit operator BridgeValue(string text)
        {
            return new BridgeValue(BridgeKind.Text, text, 0, 0);
        }

        /// <summary>Bytes, which are not copied; null is nil.</summary>
        public static implicit operator BridgeValue(byte[] bytes)
        {
            return new BridgeValue(BridgeKind.Bytes, bytes, 0, 0);
        }

        /// <summary>A list, which is not copied; null is nil.</summary>
        public static implicit operator BridgeValue(BridgeList list)
        {
            return new BridgeValue(BridgeKind.List, list, 0, 0);
        }

        /// <summary>A map, which is not copied; null is nil.</summary>
        public static implicit operator BridgeValue(BridgeMap map)
        {
            return new BridgeValue(BridgeKind.Map, map, 0, 0);
        }

        /// <summary>A list of three numbers.</summary>
        public static implicit operator BridgeValue(BridgeVector vector)
        {
            return new BridgeList { (double)vector.X, (double)vector.Y, (double)vector.Z };
        }

        /// <summary>A list of four numbers.</summary>
        public static implicit operator BridgeValue(BridgeRotation rotation)
        {
            return new BridgeList { (double)rotation.X, (double)rotation.Y, (double)rotation.Z, (double)rotation.W };
        }

        /// <summary>The truth value; the default if it is none.</summary>
        public bool AsTruth(bool otherwise = false)
        {
            return Kind == BridgeKind.Truth ? _whole != 0 : otherwise;
        }

        /// <summary>The whole number, which may have travelled as a float; the default if it is none.</summary>
        public long AsWhole(long otherwise = 0)
        {
            if (Kind == BridgeKind.Whole)
            {
                return _whole;
            }
            bool isExact = Kind == BridgeKind.Number
                && _number >= -MessagePackWriter.MaxWhole
                && _number <= MessagePackWriter.MaxWhole
                && _number == System.Math.Floor(_number);
            return isExact ? (long)_number : otherwise;
        }

        /// <summary>The number, whole or not; the default if it is none.</summary>
        public double AsNumber(double otherwise = 0)
        {
            return Kind == BridgeKind.Number ? _number : Kind == BridgeKind.Whole ? _whole : otherwise;
        }

        /// <summary>The text; the default if it is none.</summary>
        public string AsText(string otherwise = "")
        {
            return Kind == BridgeKind.Text ? (string)_reference : otherwise;
        }

        /// <summary>The bytes; empty ones if it has none.</summary>
        public byte[] AsBytes()
        {
            return Kind == BridgeKind.Bytes ? (byte[])_reference : System.Array.Empty<byte>();
        }

        /// <summary>The list; null if it is none.</summary>
        public BridgeList AsList()
        {
            return Kind == BridgeKind.List ? (BridgeList)_reference : null;
        }

        /// <summary>The map; null if it is none.</summary>
        public BridgeMap AsMap()
        {
            return Kind == BridgeKind.Map ? (BridgeMap)_reference : null;
        }

        /// <summary>What it is, without its content, which may be a player's.</summary>
        public override string ToString()
        {
            return Kind.ToString();
        }
    }
}
