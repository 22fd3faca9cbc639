import * as THREE from 'three';

const STEPS = 6;

/**
 * @param {number} width
 * @param {number} height
 * @param {number} radius Of its corners.
 * @returns {THREE.BufferGeometry} A rectangle that stands on the origin.
 */
export function roundedPanel(width, height, radius) {
  const positions = [0, height / 2, 0];
  const corners = [
    [1, 1],
    [-1, 1],
    [-1, -1],
    [1, -1],
  ];
  for (const [quarter, [x, y]] of corners.entries()) {
    for (let step = 0; step <= STEPS; step += 1) {
      const angle = ((quarter + step / STEPS) * Math.PI) / 2;
      const [right, up] = [x * (width / 2 - radius), y * (height / 2 - radius)];
      positions.push(right + radius * Math.cos(angle), height / 2 + up + radius * Math.sin(angle), 0);
    }
  }
  const nEdge = positions.length / 3 - 1;
  const indices = Array.from({ length: nEdge }, (_, place) => [0, 1 + place, 1 + ((place + 1) % nEdge)]).flat();
  const geometry = new THREE.BufferGeometry();
  geometry.setAttribute('position', new THREE.Float32BufferAttribute(positions, 3));
  geometry.setIndex(indices);
  return geometry;
}
