import * as THREE from 'three';
import { Sculpture } from './Sculpture.js';

const SKIN = 0xd79a74;
const BLUSH = 0xcc8062;
const SHIRT = 0xb8a684;
const LEATHER = 0x6b3d22;
const DARK_LEATHER = 0x4a2a18;
const TROUSERS = 0x474b57;
const BOOTS = 0x35261c;
const HAIR = 0x6e3416;
const BEARD = 0x7c3b18;
const IRON = 0x4b4b50;
const BRASS = 0xc09a4e;

/**
 * @param {[number, number][]} outline Radius and height, from below.
 * @param {number} [from] Where its skin begins, in radians from the front.
 * @param {number} [turn] How far it goes around.
 */
const turned = (outline, from = 0, turn = 2 * Math.PI) =>
  new THREE.LatheGeometry(
    outline.map(([radius, y]) => new THREE.Vector2(radius, y)),
    20,
    from,
    turn,
  );
const ball = (/** @type {number} */ radius, n = 12) => new THREE.SphereGeometry(radius, n, Math.ceil(n * 0.7));
const limb = (/** @type {number} */ radius, /** @type {number} */ length) =>
  new THREE.CapsuleGeometry(radius, length, 3, 10);

/** @returns {Sculpture} Legs and boots, from the ground to the hips. */
export function legs() {
  const parts = new Sculpture();
  for (const side of [-1, 1]) {
    const x = side * 0.125;
    parts
      .add(limb(0.105, 0.5), { at: [x, 0.6, 0], turn: [0, 0, side * 0.05], color: TROUSERS })
      .add(
        turned([
          [0.085, 0.06],
          [0.092, 0.2],
          [0.108, 0.33],
          [0.112, 0.36],
          [0.09, 0.37],
        ]),
        { at: [x + side * 0.02, 0, -0.01], color: BOOTS },
      )
      .add(
        turned([
          [0.116, 0.31],
          [0.12, 0.335],
          [0.116, 0.36],
        ]),
        { at: [x + side * 0.02, 0, -0.01], color: DARK_LEATHER },
      )
      .add(ball(0.1), {
        at: [x + side * 0.03, 0.07, 0.07],
        size: [0.9, 0.68, 1.55],
        turn: [0, side * 0.15, 0],
        color: BOOTS,
      })
      .add(new THREE.BoxGeometry(0.16, 0.03, 0.3), {
        at: [x + side * 0.03, 0.015, 0.055],
        turn: [0, side * 0.15, 0],
        color: 0x211812,
      });
  }
  return parts.add(ball(0.2), { at: [0, 0.87, 0], size: [1.22, 0.75, 0.95], color: TROUSERS });
}

/** @returns {Sculpture} Shirt, apron, belt; its origin at the hips. */
export function torso() {
  const flat = /** @type {[number, number, number]} */ ([1, 1, 0.8]);
  const shirt = turned([
    [0.225, -0.04],
    [0.255, 0.08],
    [0.275, 0.2],
    [0.283, 0.32],
    [0.275, 0.42],
    [0.235, 0.5],
    [0.15, 0.555],
    [0.085, 0.58],
  ]);
  const skirt = turned(
    [
      [0.305, -0.44],
      [0.29, -0.25],
      [0.272, -0.08],
      [0.266, 0.02],
    ],
    -1.35,
    2.7,
  );
  const bib = turned(
    [
      [0.266, 0.02],
      [0.282, 0.12],
      [0.296, 0.24],
      [0.297, 0.34],
      [0.286, 0.42],
    ],
    -0.74,
    1.48,
  );
  const parts = new Sculpture()
    .add(shirt, { size: flat, color: SHIRT })
    .add(skirt, { size: flat, color: LEATHER })
    .add(bib, { size: flat, color: LEATHER })
    .add(
      turned([
        [0.278, 0.0],
        [0.286, 0.035],
        [0.278, 0.07],
      ]),
      { size: flat, color: DARK_LEATHER },
    )
    .add(new THREE.BoxGeometry(0.085, 0.075, 0.03), { at: [0, 0.035, 0.232], color: BRASS })
    .add(new THREE.BoxGeometry(0.2, 0.12, 0.02), {
      at: [0.02, -0.18, 0.232],
      turn: [-0.08, 0.06, 0],
      color: DARK_LEATHER,
    })
    .add(limb(0.075, 0.08), { at: [0, 0.6, 0], color: SKIN })
    .add(new THREE.TorusGeometry(0.095, 0.03, 8, 18), { at: [0, 0.565, 0.01], turn: [1.42, 0, 0], color: SHIRT });
  for (const side of [-1, 1]) {
    parts
      .add(new THREE.TorusGeometry(0.2, 0.022, 6, 16, Math.PI), {
        at: [side * 0.135, 0.37, 0],
        turn: [0, -Math.PI / 2 - side * 0.12, 0],
        size: [1, 0.97, 1],
        color: DARK_LEATHER,
      })
      .add(ball(0.022, 8), { at: [side * 0.15, 0.39, 0.215], size: [1, 1, 0.6], color: BRASS })
      .add(ball(0.115), { at: [side * 0.25, 0.45, 0], size: [1, 0.95, 0.95], color: SHIRT });
  }
  return parts.shade(({ y }) => 0.78 + 0.22 * Math.min(1, Math.max(0, y + 0.44) / 0.35));
}

/** @returns {Sculpture} The head without its jaw; its origin where it turns. */
export function head() {
  const parts = new Sculpture()
    .add(ball(0.132, 18), { at: [0, 0.115, 0.01], size: [0.93, 1.16, 1], color: SKIN })
    .add(ball(0.138, 16), { at: [0, 0.165, -0.028], size: [0.97, 0.86, 0.95], color: HAIR })
    .add(ball(0.1), { at: [0, 0.235, 0.035], size: [1.06, 0.45, 0.95], turn: [0.25, 0, 0], color: HAIR })
    .add(ball(0.03, 8), { at: [0, 0.1, 0.143], size: [0.9, 1.25, 1], color: BLUSH })
    .add(ball(0.022, 8), { at: [0, 0.078, 0.152], size: [1.35, 0.9, 1], color: BLUSH });
  for (const side of [-1, 1]) {
    parts
      .add(ball(0.024, 12), { at: [side * 0.048, 0.128, 0.118], size: [1, 0.85, 0.7], color: 0xf3ece0 })
      .add(ball(0.0125, 8), { at: [side * 0.046, 0.127, 0.1335], size: [1, 1, 0.6], color: 0x2a1c12 })
      .add(new THREE.SphereGeometry(0.026, 12, 6, 0, 2 * Math.PI, 0, 1.25), {
        at: [side * 0.048, 0.13, 0.117],
        turn: [0.25, 0, 0],
        size: [1.05, 0.9, 0.8],
        color: SKIN,
      })
      .add(limb(0.0095, 0.04), {
        at: [side * 0.05, 0.168, 0.124],
        turn: [0.2, 0, Math.PI / 2 + side * 0.02],
        color: HAIR,
      })
      .add(ball(0.034, 8), { at: [side * 0.068, 0.083, 0.098], size: [1, 0.8, 0.7], color: BLUSH })
      .add(ball(0.034, 8), { at: [side * 0.125, 0.11, -0.005], size: [0.45, 1.1, 0.75], color: BLUSH })
      .add(ball(0.045, 8), { at: [side * 0.108, 0.09, 0.035], size: [0.5, 1.35, 0.75], color: BEARD })
      .add(limb(0.019, 0.05), {
        at: [side * 0.035, 0.052, 0.136],
        turn: [0, -side * 0.3, Math.PI / 2 + side * 0.42],
        color: BEARD,
      });
  }
  return parts;
}

/** @returns {Sculpture} Beard and lower lip; its origin is the jaw's joint. */
export function jaw() {
  return new Sculpture()
    .add(ball(0.105, 16), { at: [0, -0.035, 0.055], size: [0.98, 0.82, 0.85], color: BEARD })
    .add(ball(0.075, 14), { at: [0, -0.105, 0.085], size: [0.95, 1.15, 0.75], turn: [0.25, 0, 0], color: BEARD })
    .add(ball(0.035, 8), { at: [0, -0.18, 0.1], size: [0.9, 1.3, 0.8], color: BEARD })
    .add(limb(0.011, 0.035), { at: [0, -0.016, 0.133], turn: [0, 0, Math.PI / 2], color: 0x9a5546 });
}

/** @returns {Sculpture} From the shoulder to the elbow, hanging. */
export function upperArm() {
  return new Sculpture()
    .add(limb(0.082, 0.15), { at: [0, -0.11, 0], color: SHIRT })
    .add(
      turned([
        [0.083, -0.25],
        [0.098, -0.235],
        [0.1, -0.2],
        [0.085, -0.185],
      ]),
      { color: 0xa39170 },
    )
    .add(limb(0.066, 0.08), { at: [0, -0.25, 0], color: SKIN });
}

/**
 * @param {boolean} hasHammer
 * @returns {Sculpture} From the elbow to the fingers, hanging.
 */
export function forearm(hasHammer) {
  const parts = new Sculpture()
    .add(
      turned([
        [0.048, -0.25],
        [0.062, -0.14],
        [0.07, -0.05],
        [0.06, 0.01],
      ]),
      { color: SKIN },
    )
    .add(
      turned([
        [0.055, -0.25],
        [0.062, -0.2],
        [0.066, -0.15],
        [0.062, -0.145],
      ]),
      { color: DARK_LEATHER },
    )
    .add(ball(0.058, 12), { at: [0, -0.29, 0.005], size: [0.85, 1.05, 1], color: SKIN });
  for (let finger = 0; finger < 4; finger += 1) {
    parts.add(limb(0.016, 0.032), {
      at: [0, -0.33 + 0.008 * (finger % 2), -0.035 + finger * 0.024],
      turn: [0, 0, hasHammer ? 0.6 : 0.2],
      color: SKIN,
    });
  }
  parts.add(limb(0.018, 0.03), { at: [0.035, -0.28, 0.045], turn: [0.7, 0, 0.3], color: SKIN });
  if (hasHammer) {
    // Tilted in the hand, so that it lies level when the arm comes down.
    const tilt = /** @type {[number, number, number]} */ ([0.6, 0, 0]);
    const along = (/** @type {number} */ handle, /** @type {number} */ up) =>
      /** @type {[number, number, number]} */ ([
        0,
        -0.305 - handle * Math.sin(0.6) + up * Math.cos(0.6),
        handle * Math.cos(0.6) + up * Math.sin(0.6),
      ]);
    parts
      .beam(along(-0.12, 0), along(0.31, 0), 0.03, 0.034, 0x8a5f38)
      .add(new THREE.BoxGeometry(0.075, 0.17, 0.075), { at: along(0.29, 0), turn: tilt, color: IRON })
      .add(new THREE.BoxGeometry(0.085, 0.03, 0.085), { at: along(0.29, -0.095), turn: tilt, color: 0x6d6d74 })
      .add(new THREE.BoxGeometry(0.05, 0.05, 0.07), { at: along(0.29, 0.1), turn: tilt, color: IRON });
  }
  return parts;
}
