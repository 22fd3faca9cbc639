using System;
using NUnit.Framework;
using UnityEngine;
using VRBridge.Core;

namespace VRBridge.Tests
{
    public sealed class HandednessTests
    {
        private const float _near = 1e-5f;

        private static readonly BridgeVector[] _vectors =
        {
            new BridgeVector(1, 0, 0), new BridgeVector(0, 1, 0), new BridgeVector(0, 0, 1),
            new BridgeVector(0.3f, -2, 5), new BridgeVector(-7, 0.25f, -0.5f),
        };

        private static readonly BridgeRotation[] _rotations =
        {
            BridgeRotation.Identity,
            About(1, 0, 0, 90), About(0, 1, 0, 90), About(0, 0, 1, 90),
            About(0.48f, 0.6f, 0.64f, 37), About(-0.6f, 0, 0.8f, 200),
        };

        [Test]
        public void What_is_ahead_on_the_wire_is_ahead_in_Unity()
        {
            Assert.That(Handedness.FromWire(new BridgeVector(0, 0, -1)), Is.EqualTo(Vector3.forward));
            Assert.That(Handedness.FromWire(new BridgeVector(0, 1, 0)), Is.EqualTo(Vector3.up));
            Assert.That(Handedness.FromWire(new BridgeVector(1, 0, 0)), Is.EqualTo(Vector3.right));
        }

        [Test]
        public void A_turn_to_the_left_is_one_on_both_sides()
        {
            // Right-handed, +90° about +Y takes −Z to −X; left-handed, it is −90°.
            Quaternion turned = Handedness.FromWire(About(0, 1, 0, 90));
            Near(turned * Vector3.forward, -Vector3.right);
            Assert.That(Quaternion.Angle(turned, Quaternion.Euler(0, -90, 0)), Is.LessThan(0.1f));
        }

        [Test]
        public void Turning_and_converting_can_change_places()
        {
            foreach (BridgeRotation rotation in _rotations)
            {
                foreach (BridgeVector vector in _vectors)
                {
                    Vector3 turnedThere = Handedness.FromWire(Turned(rotation, vector));
                    Vector3 turnedHere = Handedness.FromWire(rotation) * Handedness.FromWire(vector);
                    Near(turnedHere, turnedThere);
                }
            }
        }

        [Test]
        public void Frames_inside_frames_convert_as_their_products_do()
        {
            foreach (BridgeRotation outer in _rotations)
            {
                foreach (BridgeRotation inner in _rotations)
                {
                    Vector3 there = Handedness.FromWire(Turned(outer, Turned(inner, _vectors[3])));
                    Quaternion both = Handedness.FromWire(outer) * Handedness.FromWire(inner);
                    Near(both * Handedness.FromWire(_vectors[3]), there);
                }
            }
        }

        [Test]
        public void There_and_back_again_changes_nothing()
        {
            foreach (BridgeVector vector in _vectors)
            {
                BridgeVector back = Handedness.ToWire(Handedness.FromWire(vector));
                Assert.That(new[] { back.X, back.Y, back.Z }, Is.EqualTo(new[] { vector.X, vector.Y, vector.Z }));
            }
            foreach (BridgeRotation each in _rotations)
            {
                BridgeRotation back = Handedness.ToWire(Handedness.FromWire(each));
                Assert.That(
                    new[] { back.X, back.Y, back.Z, back.W }, Is.EqualTo(new[] { each.X, each.Y, each.Z, each.W }));
            }
        }

        [Test]
        public void A_pose_is_its_position_and_its_rotation()
        {
            BridgePose pose = Handedness.ToWire(new Vector3(1, 2, 3), Quaternion.Euler(0, 90, 0));
            Near(Handedness.FromWire(pose.Position), new Vector3(1, 2, 3));
            Assert.That(pose.Position.Z, Is.EqualTo(-3));
            // To the right in Unity: ahead was −Z and is +X now.
            BridgeVector ahead = Turned(pose.Orientation, new BridgeVector(0, 0, -1));
            Assert.That(ahead.X, Is.EqualTo(1).Within(_near));
        }

        [Test]
        public void Converting_mirrors_once()
        {
            Assert.That(Determinant(v => Handedness.FromWire(v)), Is.EqualTo(-1));
            Assert.That(Determinant(v => Handedness.ShapeFromWire(v.X, v.Y, v.Z)), Is.EqualTo(-1));
        }

        [Test]
        public void The_front_of_a_shape_is_its_front()
        {
            Assert.That(Handedness.ShapeFromWire(0, 0, 1), Is.EqualTo(Vector3.forward));
            Assert.That(Handedness.ShapeFromWire(0, 1, 0), Is.EqualTo(Vector3.up));
        }

        [Test]
        public void A_shape_is_the_world_turned_half_about()
        {
            Quaternion half = Quaternion.Euler(0, 180, 0);
            foreach (BridgeVector each in _vectors)
            {
                Near(Handedness.ShapeFromWire(each.X, each.Y, each.Z), half * Handedness.FromWire(each));
            }
        }

        [Test]
        public void A_triangle_faces_the_way_of_its_normal()
        {
            // Counter-clockwise seen from +Z, as the wire has front faces.
            var corners = new[] { new BridgeVector(0, 0, 0), new BridgeVector(1, 0, 0), new BridgeVector(0, 1, 0) };
            Vector3 a = Corner(corners[Handedness.Winding[0]]);
            Vector3 b = Corner(corners[Handedness.Winding[1]]);
            Vector3 c = Corner(corners[Handedness.Winding[2]]);
            // Unity's front faces are clockwise; in left-handed axes their normal is this product.
            Near(Vector3.Cross(b - a, c - a).normalized, Handedness.ShapeFromWire(0, 0, 1));
        }

        [Test]
        public void The_first_row_of_a_picture_is_its_top()
        {
            Assert.That(Handedness.UvFromWire(0.25f, 0), Is.EqualTo(new Vector2(0.25f, 1)));
            Assert.That(Handedness.UvFromWire(0.25f, 1), Is.EqualTo(new Vector2(0.25f, 0)));
        }

        private static Vector3 Corner(BridgeVector vector)
        {
            return Handedness.ShapeFromWire(vector.X, vector.Y, vector.Z);
        }

        private static float Determinant(Func<BridgeVector, Vector3> convert)
        {
            Vector3 x = convert(_vectors[0]);
            Vector3 y = convert(_vectors[1]);
            Vector3 z = convert(_vectors[2]);
            return Vector3.Dot(x, Vector3.Cross(y, z));
        }

        private static BridgeRotation About(float x, float y, float z, float degrees)
        {
            double half = degrees * Math.PI / 360;
            float sine = (float)Math.Sin(half);
            return new BridgeRotation(x * sine, y * sine, z * sine, (float)Math.Cos(half));
        }

        // What a unit quaternion does to a vector; the formula knows no handedness.
        private static BridgeVector Turned(BridgeRotation q, BridgeVector v)
        {
            float tx = 2 * (q.Y * v.Z - q.Z * v.Y);
            float ty = 2 * (q.Z * v.X - q.X * v.Z);
            float tz = 2 * (q.X * v.Y - q.Y * v.X);
            return new BridgeVector(
                v.X + q.W * tx + q.Y * tz - q.Z * ty,
                v.Y + q.W * ty + q.Z * tx - q.X * tz,
                v.Z + q.W * tz + q.X * ty - q.Y * tx);
        }

        private static void Near(Vector3 actual, Vector3 expected)
        {
            Assert.That((actual - expected).magnitude, Is.LessThan(_near), $"{actual} instead of {expected}");
        }
    }
}
