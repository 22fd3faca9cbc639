import * as THREE from 'three';

const EDGE_PX = 64;

/** Soft light around lamps: one point each, as large as it is near. */
export class Halos extends THREE.Points {
  #look;
  #sizeM;

  /**
   * @param {THREE.Vector3[]} places
   * @param {number} sizeM
   * @param {THREE.ColorRepresentation} color
   */
  constructor(places, sizeM, color) {
    const look = new THREE.PointsMaterial({
      map: glowPicture(),
      color,
      size: sizeM,
      transparent: true,
      depthWrite: false,
      blending: THREE.AdditiveBlending,
      fog: false,
    });
    super(new THREE.BufferGeometry().setFromPoints(places), look);
    this.name = 'halos';
    this.#look = look;
    this.#sizeM = sizeM;
  }

  /** @param {number} nowS */
  flicker(nowS) {
    this.#look.size = this.#sizeM * (1 + 0.05 * Math.sin(nowS * 7.1) * Math.sin(nowS * 2.7));
  }
}

/** @type {THREE.DataTexture | null} */
let picture = null;

/** @returns {THREE.DataTexture} White in the middle, black at the rim; the same one each time. */
function glowPicture() {
  if (picture !== null) return picture;
  const pixels = new Uint8Array(EDGE_PX * EDGE_PX * 4).fill(255);
  for (let at = 0; at < EDGE_PX * EDGE_PX; at += 1) {
    const x = ((at % EDGE_PX) + 0.5) / (EDGE_PX / 2) - 1;
    const y = (Math.floor(at / EDGE_PX) + 0.5) / (EDGE_PX / 2) - 1;
    const near = Math.max(0, 1 - Math.hypot(x, y));
    pixels.fill(Math.round(255 * (0.45 * near ** 2 + 0.55 * near ** 6)), at * 4, at * 4 + 3);
  }
  picture = new THREE.DataTexture(pixels, EDGE_PX, EDGE_PX);
  picture.magFilter = THREE.LinearFilter;
  picture.minFilter = THREE.LinearFilter;
  picture.needsUpdate = true;
  return picture;
}
