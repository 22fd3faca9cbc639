import * as THREE from 'three';

/**
 * @typedef {object} Edges
 * @property {(x: number) => number} [bottom] Height where it begins.
 * @property {(x: number) => number} [top] Height where it ends.
 * @property {number} [rows]
 */

/** An upright sheet in the plane z = 0 that faces +Z, column by column: a wall with any outline, fine enough to be shaded. */
export class Curtain extends THREE.BufferGeometry {
  /**
   * @param {number[]} columns Their places from left to right, in metres; one that is there twice makes a step.
   * @param {Edges} edges
   */
  constructor(columns, { bottom = () => 0, top = () => 1, rows = 8 }) {
    super();
    /** @type {number[]} */
    const positions = [];
    /** @type {number[]} */
    const uvs = [];
    /** @type {number[]} */
    const triangles = [];
    columns.forEach((x, column) => {
      // At a step each of the two columns belongs to its own side.
      const isStepEnd = columns[column - 1] === x;
      const isStepStart = columns[column + 1] === x;
      const side = x + (isStepEnd ? 1e-4 : 0) - (isStepStart ? 1e-4 : 0);
      const from = bottom(side);
      const height = top(side) - from;
      for (let row = 0; row <= rows; row += 1) {
        // Rows lie closer together at the foot, where light changes most.
        const y = from + height * (row / rows) ** 1.4;
        positions.push(x, y, 0);
        uvs.push(x, y);
      }
    });
    for (let column = 0; column + 1 < columns.length; column += 1) {
      if (columns[column] === columns[column + 1]) continue;
      for (let row = 0; row < rows; row += 1) {
        const corner = column * (rows + 1) + row;
        const next = corner + rows + 1;
        triangles.push(corner, next, next + 1, corner, next + 1, corner + 1);
      }
    }
    this.setAttribute('position', new THREE.Float32BufferAttribute(positions, 3));
    this.setAttribute(
      'normal',
      new THREE.Float32BufferAttribute(
        positions.map((_, at) => (at % 3 === 2 ? 1 : 0)),
        3,
      ),
    );
    this.setAttribute('uv', new THREE.Float32BufferAttribute(uvs, 2));
    this.setIndex(triangles);
  }
}

/**
 * @param {number} from
 * @param {number} to
 * @param {number} n How many parts lie in between.
 * @returns {number[]}
 */
export function steps(from, to, n) {
  return Array.from({ length: n + 1 }, (_, at) => from + ((to - from) * at) / n);
}
