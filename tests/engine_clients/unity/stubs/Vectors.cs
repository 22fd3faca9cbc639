// Vectors, rotations and matrices, with the engine's real arithmetic.
using System;

namespace UnityEngine
{
    public struct Mathf
    {
        public const float PI = 3.14159274F;
        public const float Deg2Rad = PI / 180f;
        public const float Rad2Deg = 180f / PI;
        public static float Sqrt(float f) => MathF.Sqrt(f);
        public static float Tan(float f) => MathF.Tan(f);
        public static float Sin(float f) => MathF.Sin(f);
        public static float Pow(float f, float p) => MathF.Pow(f, p);
        public static float Abs(float f) => MathF.Abs(f);
        public static float Min(float a, float b) => a < b ? a : b;
        public static int Min(int a, int b) => a < b ? a : b;
        public static float Max(float a, float b) => a > b ? a : b;
        public static int Max(int a, int b) => a > b ? a : b;
        public static float Sign(float f) => f >= 0 ? 1 : -1;
        public static float Clamp(float value, float min, float max) => value < min ? min : value > max ? max : value;
        public static int Clamp(int value, int min, int max) => value < min ? min : value > max ? max : value;
        public static float Clamp01(float value) => Clamp(value, 0, 1);
        public static int FloorToInt(float f) => (int)MathF.Floor(f);
        public static int RoundToInt(float f) => (int)MathF.Round(f);
        public static float Lerp(float a, float b, float t) => a + (b - a) * Clamp01(t);
        public static float MoveTowards(float current, float target, float maxDelta) =>
            Abs(target - current) <= maxDelta ? target : current + Sign(target - current) * maxDelta;
        public static bool Approximately(float a, float b) =>
            Abs(b - a) < Max(1E-06f * Max(Abs(a), Abs(b)), 1.17549435E-38f * 8);
    }

    public struct Vector2 : IEquatable<Vector2>
    {
        public float x;
        public float y;

        public Vector2(float x, float y)
        {
            this.x = x;
            this.y = y;
        }

        public static Vector2 zero => default;
        public static Vector2 one => new Vector2(1, 1);
        public float magnitude => MathF.Sqrt(x * x + y * y);
        public static Vector2 operator +(Vector2 a, Vector2 b) => new Vector2(a.x + b.x, a.y + b.y);
        public static Vector2 operator -(Vector2 a, Vector2 b) => new Vector2(a.x - b.x, a.y - b.y);
        public static Vector2 operator *(Vector2 a, float d) => new Vector2(a.x * d, a.y * d);
        public static Vector2 operator *(float d, Vector2 a) => a * d;
        public static Vector2 operator /(Vector2 a, float d) => new Vector2(a.x / d, a.y / d);
        public static bool operator ==(Vector2 lhs, Vector2 rhs) => (lhs - rhs).magnitude < 1e-5f;
        public static bool operator !=(Vector2 lhs, Vector2 rhs) => !(lhs == rhs);
        public bool Equals(Vector2 other) => x == other.x && y == other.y;
        public override bool Equals(object other) => other is Vector2 v && Equals(v);
        public override int GetHashCode() => HashCode.Combine(x, y);
        public override string ToString() => $"({x:F2}, {y:F2})";
        public static implicit operator Vector2(Vector3 v) => new Vector2(v.x, v.y);
        public static implicit operator Vector3(Vector2 v) => new Vector3(v.x, v.y, 0);
    }

    public struct Vector3 : IEquatable<Vector3>
    {
        public float x;
        public float y;
        public float z;

        public Vector3(float x, float y, float z)
        {
            this.x = x;
            this.y = y;
            this.z = z;
        }

        public static Vector3 zero => default;
        public static Vector3 one => new Vector3(1, 1, 1);
        public static Vector3 up => new Vector3(0, 1, 0);
        public static Vector3 right => new Vector3(1, 0, 0);
        public static Vector3 forward => new Vector3(0, 0, 1);
        public static Vector3 back => new Vector3(0, 0, -1);
        public float magnitude => MathF.Sqrt(sqrMagnitude);
        public float sqrMagnitude => x * x + y * y + z * z;
        public Vector3 normalized => magnitude > 1E-05f ? this / magnitude : zero;
        public static float Dot(Vector3 lhs, Vector3 rhs) => lhs.x * rhs.x + lhs.y * rhs.y + lhs.z * rhs.z;

        public static Vector3 Cross(Vector3 lhs, Vector3 rhs) => new Vector3(
            lhs.y * rhs.z - lhs.z * rhs.y, lhs.z * rhs.x - lhs.x * rhs.z, lhs.x * rhs.y - lhs.y * rhs.x);

        public static float Distance(Vector3 a, Vector3 b) => (a - b).magnitude;

        public static float Angle(Vector3 from, Vector3 to) =>
            MathF.Acos(Mathf.Clamp(Dot(from.normalized, to.normalized), -1, 1)) * Mathf.Rad2Deg;

        public static Vector3 Scale(Vector3 a, Vector3 b) => new Vector3(a.x * b.x, a.y * b.y, a.z * b.z);
        public static Vector3 Min(Vector3 lhs, Vector3 rhs) =>
            new Vector3(Mathf.Min(lhs.x, rhs.x), Mathf.Min(lhs.y, rhs.y), Mathf.Min(lhs.z, rhs.z));
        public static Vector3 Max(Vector3 lhs, Vector3 rhs) =>
            new Vector3(Mathf.Max(lhs.x, rhs.x), Mathf.Max(lhs.y, rhs.y), Mathf.Max(lhs.z, rhs.z));
        public static Vector3 operator +(Vector3 a, Vector3 b) => new Vector3(a.x + b.x, a.y + b.y, a.z + b.z);
        public static Vector3 operator -(Vector3 a, Vector3 b) => new Vector3(a.x - b.x, a.y - b.y, a.z - b.z);
        public static Vector3 operator -(Vector3 a) => new Vector3(-a.x, -a.y, -a.z);
        public static Vector3 operator *(Vector3 a, float d) => new Vector3(a.x * d, a.y * d, a.z * d);
        public static Vector3 operator *(float d, Vector3 a) => a * d;
        public static Vector3 operator /(Vector3 a, float d) => new Vector3(a.x / d, a.y / d, a.z / d);
        public static bool operator ==(Vector3 lhs, Vector3 rhs) => (lhs - rhs).sqrMagnitude < 9.99999944E-11f;
        public static bool operator !=(Vector3 lhs, Vector3 rhs) => !(lhs == rhs);
        public bool Equals(Vector3 other) => x == other.x && y == other.y && z == other.z;
        public override bool Equals(object other) => other is Vector3 v && Equals(v);
        public override int GetHashCode() => HashCode.Combine(x, y, z);
        public override string ToString() => $"({x:F2}, {y:F2}, {z:F2})";
    }

    public struct Vector4
    {
        public float x;
        public float y;
        public float z;
        public float w;

        public Vector4(float x, float y, float z, float w)
        {
            this.x = x;
            this.y = y;
            this.z = z;
            this.w = w;
        }

        public override string ToString() => $"({x:F2}, {y:F2}, {z:F2}, {w:F2})";
        public static implicit operator Vector4(Vector3 v) => new Vector4(v.x, v.y, v.z, 0);
        public static implicit operator Vector3(Vector4 v) => new Vector3(v.x, v.y, v.z);
    }

    public struct Quaternion : IEquatable<Quaternion>
    {
        public float x;
        public float y;
        public float z;
        public float w;

        public Quaternion(float x, float y, float z, float w)
        {
            this.x = x;
            this.y = y;
            this.z = z;
            this.w = w;
        }

        public static Quaternion identity => new Quaternion(0, 0, 0, 1);

        public static Quaternion AngleAxis(float angle, Vector3 axis)
        {
            float half = angle * Mathf.Deg2Rad / 2;
            Vector3 part = axis.normalized * MathF.Sin(half);
            return new Quaternion(part.x, part.y, part.z, MathF.Cos(half));
        }

        // The engine turns about z, then x, then y.
        public static Quaternion Euler(float x, float y, float z) =>
            AngleAxis(y, Vector3.up) * AngleAxis(x, Vector3.right) * AngleAxis(z, Vector3.forward);

        public static Quaternion LookRotation(Vector3 forward, Vector3 upwards)
        {
            Vector3 ahead = forward.normalized;
            Vector3 right = Vector3.Cross(upwards, ahead).normalized;
            if (right == Vector3.zero)
            {
                right = Vector3.Cross(Mathf.Abs(ahead.y) > 0.9f ? Vector3.forward : Vector3.up, ahead).normalized;
            }

            return FromAxes(right, Vector3.Cross(ahead, right), ahead);
        }

        public static Quaternion LookRotation(Vector3 forward) => LookRotation(forward, Vector3.up);
        public static Quaternion Inverse(Quaternion rotation) =>
            new Quaternion(-rotation.x, -rotation.y, -rotation.z, rotation.w);
        public static float Dot(Quaternion a, Quaternion b) => a.x * b.x + a.y * b.y + a.z * b.z + a.w * b.w;

        public static float Angle(Quaternion a, Quaternion b)
        {
            float dot = Mathf.Min(Mathf.Abs(Dot(a, b)), 1);
            return dot > 1 - 1E-06f ? 0 : MathF.Acos(dot) * 2 * Mathf.Rad2Deg;
        }

        public static Quaternion operator *(Quaternion a, Quaternion b) => new Quaternion(
            a.w * b.x + a.x * b.w + a.y * b.z - a.z * b.y,
            a.w * b.y + a.y * b.w + a.z * b.x - a.x * b.z,
            a.w * b.z + a.z * b.w + a.x * b.y - a.y * b.x,
            a.w * b.w - a.x * b.x - a.y * b.y - a.z * b.z);

        public static Vector3 operator *(Quaternion rotation, Vector3 point)
        {
            var axis = new Vector3(rotation.x, rotation.y, rotation.z);
            Vector3 twice = 2 * Vector3.Cross(axis, point);
            return point + rotation.w * twice + Vector3.Cross(axis, twice);
        }

        public static bool operator ==(Quaternion lhs, Quaternion rhs) => Dot(lhs, rhs) > 0.999999f;
        public static bool operator !=(Quaternion lhs, Quaternion rhs) => !(lhs == rhs);
        public bool Equals(Quaternion other) => x == other.x && y == other.y && z == other.z && w == other.w;
        public override bool Equals(object other) => other is Quaternion q && Equals(q);
        public override int GetHashCode() => HashCode.Combine(x, y, z, w);
        public override string ToString() => $"({x:F5}, {y:F5}, {z:F5}, {w:F5})";

        static Quaternion FromAxes(Vector3 right, Vector3 up, Vector3 ahead)
        {
            float trace = right.x + up.y + ahead.z;
            if (trace > 0)
            {
                float s = MathF.Sqrt(trace + 1) * 2;
                return new Quaternion((up.z - ahead.y) / s, (ahead.x - right.z) / s, (right.y - up.x) / s, s / 4);
            }

            if (right.x > up.y && right.x > ahead.z)
            {
                float s = MathF.Sqrt(1 + right.x - up.y - ahead.z) * 2;
                return new Quaternion(s / 4, (up.x + right.y) / s, (ahead.x + right.z) / s, (up.z - ahead.y) / s);
            }

            if (up.y > ahead.z)
            {
                float s = MathF.Sqrt(1 + up.y - right.x - ahead.z) * 2;
                return new Quaternion((up.x + right.y) / s, s / 4, (ahead.y + up.z) / s, (ahead.x - right.z) / s);
            }

            float last = MathF.Sqrt(1 + ahead.z - right.x - up.y) * 2;
            return new Quaternion(
                (ahead.x + right.z) / last, (ahead.y + up.z) / last, last / 4, (right.y - up.x) / last);
        }
    }

    public struct Matrix4x4
    {
        float[] _cells;

        public static Matrix4x4 TRS(Vector3 pos, Quaternion q, Vector3 s)
        {
            var made = new Matrix4x4 { _cells = new float[16] };
            Vector3[] columns = { q * Vector3.right * s.x, q * Vector3.up * s.y, q * Vector3.forward * s.z, pos };
            for (int column = 0; column < 4; column++)
            {
                made[0, column] = columns[column].x;
                made[1, column] = columns[column].y;
                made[2, column] = columns[column].z;
            }

            made[3, 3] = 1;
            return made;
        }

        public float this[int row, int column]
        {
            get => _cells[row * 4 + column];
            set => _cells[row * 4 + column] = value;
        }

        public float determinant => Minor(0, 1, 2, 0) * this[3, 3];

        public Vector3 MultiplyPoint3x4(Vector3 point) => MultiplyVector(point) + new Vector3(this[0, 3], this[1, 3], this[2, 3]);

        public Vector3 MultiplyVector(Vector3 vector) => new Vector3(
            this[0, 0] * vector.x + this[0, 1] * vector.y + this[0, 2] * vector.z,
            this[1, 0] * vector.x + this[1, 1] * vector.y + this[1, 2] * vector.z,
            this[2, 0] * vector.x + this[2, 1] * vector.y + this[2, 2] * vector.z);

        float Minor(int a, int b, int c, int row) =>
            this[row, a] * (this[row + 1, b] * this[row + 2, c] - this[row + 1, c] * this[row + 2, b])
            - this[row, b] * (this[row + 1, a] * this[row + 2, c] - this[row + 1, c] * this[row + 2, a])
            + this[row, c] * (this[row + 1, a] * this[row + 2, b] - this[row + 1, b] * this[row + 2, a]);
    }

    public struct Color : IEquatable<Color>
    {
        public float r;
        public float g;
        public float b;
        public float a;

        public Color(float r, float g, float b, float a)
        {
            this.r = r;
            this.g = g;
            this.b = b;
            this.a = a;
        }

        public Color(float r, float g, float b) : this(r, g, b, 1)
        {
        }

        public static Color white => new Color(1, 1, 1, 1);
        public static Color black => new Color(0, 0, 0, 1);
        public Color gamma => new Color(ToGamma(r), ToGamma(g), ToGamma(b), a);
        public static bool operator ==(Color lhs, Color rhs) =>
            Mathf.Abs(lhs.r - rhs.r) + Mathf.Abs(lhs.g - rhs.g) + Mathf.Abs(lhs.b - rhs.b) + Mathf.Abs(lhs.a - rhs.a) < 1e-5f;
        public static bool operator !=(Color lhs, Color rhs) => !(lhs == rhs);
        public bool Equals(Color other) => r == other.r && g == other.g && b == other.b && a == other.a;
        public override bool Equals(object other) => other is Color c && Equals(c);
        public override int GetHashCode() => HashCode.Combine(r, g, b, a);
        public override string ToString() => $"RGBA({r:F3}, {g:F3}, {b:F3}, {a:F3})";

        static float ToGamma(float value) =>
            value <= 0.0031308f ? 12.92f * value : 1.055f * MathF.Pow(value, 1 / 2.4f) - 0.055f;
    }

    public struct Color32
    {
        public byte r;
        public byte g;
        public byte b;
        public byte a;

        public Color32(byte r, byte g, byte b, byte a)
        {
            this.r = r;
            this.g = g;
            this.b = b;
            this.a = a;
        }

        public override string ToString() => $"RGBA({r}, {g}, {b}, {a})";
    }

    public struct Bounds
    {
        public Vector3 center { get; set; }
        public Vector3 extents { get; set; }

        public Bounds(Vector3 center, Vector3 size)
        {
            this.center = center;
            extents = size * 0.5f;
        }

        public Vector3 size
        {
            get => extents * 2;
            set => extents = value * 0.5f;
        }

        public Vector3 min => center - extents;
        public Vector3 max => center + extents;

        public void SetMinMax(Vector3 min, Vector3 max)
        {
            extents = (max - min) * 0.5f;
            center = min + extents;
        }

        public override string ToString() => $"Center: {center}, Extents: {extents}";
    }

    public struct Ray
    {
        public Ray(Vector3 origin, Vector3 direction)
        {
            this.origin = origin;
            this.direction = direction.normalized;
        }

        public Vector3 origin { get; set; }
        public Vector3 direction { get; set; }
    }

    public struct Rect
    {
        public Rect(float x, float y, float width, float height)
        {
            this.x = x;
            this.y = y;
            this.width = width;
            this.height = height;
        }

        public float x { get; set; }
        public float y { get; set; }
        public float width { get; set; }
        public float height { get; set; }
    }
}
