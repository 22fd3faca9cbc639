import * as THREE from 'three';
import { random } from './patterns.js';
import { Sculpture } from './Sculpture.js';

/** Hills, a road and the roofs of a town around the courtyard: seen above walls and through the gate. */
export class Backdrop extends THREE.Group {
  /** @param {import('./Palette.js').Palette} palette */
  constructor(palette) {
    super();
    this.name = 'backdrop';
    const land = palette.paint(hills(), 'hills');
    const town = palette.paint(houses(), 'town');
    const far = palette.paint(ranges(), 'ranges');
    const lit = palette.light(windows(), 'lit windows');
    const way = palette.paint(wayside(), 'wayside');
    for (const mesh of [land, town, far, way]) {
      mesh.castShadow = false;
      mesh.receiveShadow = false;
    }
    this.add(land, town, far, way, lit);
  }
}

/**
 * @param {number} angle
 * @param {number} away
 * @returns {number} Height of the land.
 */
function landHeight(angle, away) {
  if (away < 9) return -0.12;
  const rolling = 0.5 + 0.3 * Math.sin(angle * 3 + 0.6) + 0.2 * Math.sin(angle * 7 + 2.1);
  return -0.2 + rolling * 0.0042 * (away - 9) ** 1.9;
}

/**
 * @param {number} away From the gate.
 * @returns {number} The middle of the road there.
 */
function roadX(away) {
  return 0.35 + 0.012 * away ** 2 * Math.sin(away * 0.09);
}

/** @returns {Sculpture} */
function hills() {
  const shape = new THREE.RingGeometry(5.2, 72, 72, 14);
  const places = shape.getAttribute('position');
  for (let at = 0; at < places.count; at += 1) {
    const [x, y] = [places.getX(at), places.getY(at)];
    places.setZ(at, landHeight(Math.atan2(y, x), Math.hypot(x, y)));
  }
  shape.computeVertexNormals();
  const land = new Sculpture().add(shape, { turn: [-Math.PI / 2, 0, 0], color: 0x8d8a4c });
  // The road that leads from the gate into the hills.
  const road = new THREE.PlaneGeometry(2.2, 40, 1, 20);
  const track = road.getAttribute('position');
  for (let at = 0; at < track.count; at += 1) {
    const away = track.getY(at) + 20;
    const bend = roadX(away);
    const z = -5.5 - away;
    const x = bend + track.getX(at) * (1 + away * 0.004);
    track.setXYZ(at, x, -z, landHeight(Math.atan2(-z, x), Math.hypot(x, z)) + 0.06 + away * 0.004);
  }
  road.computeVertexNormals();
  return land
    .shade(({ x, z }) => 0.8 + 0.2 * Math.sin(x * 0.9 + z * 0.35) * Math.sin(z * 0.6 - x * 0.2))
    .add(road, { turn: [-Math.PI / 2, 0, 0], color: 0xd2ae7c });
}

/** Houses of the town: angle around the courtyard, distance, width, height, and whether its gable faces us. */
const TOWN = [
  [-2.35, 19, 5, 4.4],
  [-2.05, 23, 6, 5.6],
  [-1.78, 27, 5, 4.6],
  [-2.75, 17, 5.5, 4.8],
  [-3.1, 20, 6, 5.8],
  [2.75, 18, 5, 4.6],
  [2.4, 20, 6, 5.2],
  [2.0, 17, 5, 4.8],
  [1.6, 19, 6, 5.6],
  [1.1, 18, 6, 5.2],
  [-1.12, 26, 5, 4.8],
];

/**
 * @param {number} angle
 * @returns {number} The turn of a house there whose front looks at us.
 */
function facing(angle) {
  return Math.atan2(-Math.cos(angle), -Math.sin(angle));
}

/** @returns {Sculpture} */
function houses() {
  const town = new Sculpture();
  const walls = [0xc9b294, 0xb99a7a, 0xd2bfa2, 0xa88f78];
  const roofs = [0x96604a, 0x8a5644, 0xa0684c];
  TOWN.forEach(([angle, away, width, height], at) => {
    const [x, z] = [away * Math.cos(angle), away * Math.sin(angle)];
    const turn = facing(angle);
    // A prism is a cylinder with three sides; every other one turns its gable to us.
    const along = at % 2 ? 0 : Math.PI / 2;
    const roof = new THREE.CylinderGeometry(0.62, 0.62, 1, 3)
      .toNonIndexed()
      .rotateX(Math.PI / 2)
      .rotateZ(Math.PI)
      .translate(0, 0.31, 0);
    roof.rotateY(along).computeVertexNormals();
    for (const [across, y, wide, high] of [
      [-0.49, 0.5, 0.035, 1],
      [0.49, 0.5, 0.035, 1],
      [-0.17, 0.75, 0.03, 0.5],
      [0.17, 0.75, 0.03, 0.5],
      [0, 0.56, 1, 0.04],
      [0, 0.97, 1, 0.04],
    ]) {
      const [front, side] = [away - width / 2, across * width];
      town.add(new THREE.BoxGeometry(wide * width, high * height, 0.12), {
        at: [
          front * Math.cos(angle) - side * Math.sin(angle),
          y * height,
          front * Math.sin(angle) + side * Math.cos(angle),
        ],
        turn: [0, turn, 0],
        color: 0x6a4a3a,
      });
    }
    town
      .add(new THREE.BoxGeometry(width, height, width), {
        at: [x, height / 2, z],
        turn: [0, turn, 0],
        color: walls[at % 4],
      })
      .add(roof, {
        at: [x, height - 0.02, z],
        turn: [0, turn, 0],
        size: [width * 1.12, width * 0.8, width * 1.12],
        color: roofs[at % 3],
      })
      .add(new THREE.BoxGeometry(0.6, 2.4, 0.6), { at: [x + 1.1, height + width * 0.55, z + 0.4], color: 0x8a5a48 });
  });
  // The church, whose spire stands beside the gate.
  const spire = new THREE.ConeGeometry(1.5, 6, 8).toNonIndexed();
  spire.computeVertexNormals();
  return town
    .add(new THREE.BoxGeometry(2.4, 9, 2.4), { at: [-7.5, 4.5, -30], color: 0xb8a184 })
    .add(spire, { at: [-7.5, 12, -30], color: 0x6e5560 })
    .add(new THREE.BoxGeometry(4.5, 5, 7), { at: [-5.2, 2.5, -32], color: 0xc2ac8e });
}

/** @returns {Sculpture} */
function windows() {
  const lit = new Sculpture();
  TOWN.forEach(([angle, away, width, height], at) => {
    const near = away - width / 2 - 0.03;
    for (let pane = 0; pane < 6; pane += 1) {
      if (random(at, pane) < 0.35) continue;
      const across = ((pane % 3) - 1) * width * 0.28;
      const y = height * (pane < 3 ? 0.78 : 0.42);
      lit.add(new THREE.PlaneGeometry(0.55, 0.8), {
        at: [near * Math.cos(angle) - across * Math.sin(angle), y, near * Math.sin(angle) + across * Math.cos(angle)],
        turn: [0, facing(angle), 0],
        color: new THREE.Color(0.95, 0.34, 0.06),
      });
    }
  });
  return lit;
}

/** @returns {Sculpture} Two ranges of hills, which the haze sets apart. */
function ranges() {
  const far = new Sculpture();
  for (const [away, low, high, color, n] of [
    [38, 1.2, 3.4, 0x6f6d42, 5],
    [52, 3.2, 6.4, 0x575274, 7],
  ]) {
    const strip = new THREE.CylinderGeometry(away, away, 1, 90, 1, true).scale(-1, 1, 1);
    const places = strip.getAttribute('position');
    for (let at = 0; at < places.count; at += 1) {
      const angle = Math.atan2(places.getZ(at), places.getX(at));
      const rolling =
        0.5 + 0.25 * Math.sin(angle * n + away) + 0.15 * Math.sin(angle * 13 + 1) + 0.1 * Math.sin(angle * 29);
      places.setY(at, places.getY(at) > 0 ? low + (high - low) * rolling : -2);
    }
    strip.computeVertexNormals();
    far.add(strip, { color });
  }
  return far;
}

/** @returns {Sculpture} A fence along the road, and bushes. */
function wayside() {
  const parts = new Sculpture();
  for (let post = 0; post < 9; post += 1) {
    const z = -7.5 - post * 2.2;
    for (const side of [-1, 1]) {
      const x = roadX(-5.5 - z) + side * (1.55 + 0.02 * post);
      const y = landHeight(Math.atan2(-z, x), Math.hypot(x, z));
      parts.beam([x, y - 0.1, z], [x, y + 0.75, z], 0.1, 0.1, 0x7a5f45);
      const nextX = roadX(-5.5 - z + 2.2) + side * (1.57 + 0.02 * post);
      const nextY = landHeight(Math.atan2(2.2 - z, nextX), Math.hypot(nextX, z - 2.2));
      for (const rise of [0.38, 0.65])
        parts.beam([x, y + rise, z], [nextX, nextY + rise, z - 2.2], 0.06, 0.04, 0x86694c);
      parts.add(new THREE.IcosahedronGeometry(0.5, 1), {
        at: [x + side * (0.9 + random(post, side + 3)), y + 0.15, z + random(post, 7)],
        size: [1, 0.7 + 0.4 * random(post, side + 5), 1],
        color: [0x6b7a36, 0x83893f, 0x59692f][post % 3],
      });
    }
  }
  return parts;
}
