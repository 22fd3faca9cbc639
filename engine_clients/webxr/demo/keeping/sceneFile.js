import * as THREE from 'three';
import { GLTFExporter } from 'three/addons/exporters/GLTFExporter.js';
import { MapReader } from './MapReader.js';
import { mapsOf } from './maps.js';

/**
 * @param {THREE.WebGLRenderer} renderer
 * @param {THREE.Object3D} root
 * @returns {Promise<Blob>} A GLB file of all standard materials' meshes that can be seen in it, finest levels only, with
 *   pictures that any engine reads.
 */
export async function sceneFile(renderer, root) {
  const reader = new MapReader(renderer);
  const plain = new Plain(reader);
  const scene = new THREE.Scene();
  scene.name = 'vrbridge courtyard';
  root.updateMatrixWorld(true);
  collect(root, (mesh) => scene.add(plain.mesh(mesh)));
  const file = await new GLTFExporter().parseAsync(scene, { binary: true });
  reader.dispose();
  plain.dispose();
  return new Blob([/** @type {ArrayBuffer} */ (file)], { type: 'model/gltf-binary' });
}

/**
 * @param {THREE.Object3D} object
 * @param {(mesh: THREE.Mesh) => void} take
 */
function collect(object, take) {
  if (!object.visible && !(object.parent instanceof THREE.LOD)) return;
  if (
    object instanceof THREE.Mesh &&
    [object.material].flat().every((one) => one instanceof THREE.MeshStandardMaterial)
  )
    take(object);
  const children =
    object instanceof THREE.LOD ? object.levels.slice(0, 1).map(({ object: finest }) => finest) : object.children;
  for (const child of children) collect(child, take);
}

/** Copies of meshes and materials whose pictures are on the processor's side. */
class Plain {
  #reader;
  /** @type {Map<THREE.MeshStandardMaterial, THREE.MeshStandardMaterial>} */
  #materials = new Map();
  /** @type {Map<THREE.Texture, THREE.Texture>} */
  #textures = new Map();

  /** @param {MapReader} reader */
  constructor(reader) {
    this.#reader = reader;
  }

  /**
   * @param {THREE.Mesh} mesh
   * @returns {THREE.Mesh}
   */
  mesh(mesh) {
    const materials = [mesh.material]
      .flat()
      .map((one) => this.#material(/** @type {THREE.MeshStandardMaterial} */ (one)));
    const geometry = fit(mesh.geometry);
    const copy = new THREE.Mesh(geometry, Array.isArray(mesh.material) ? materials : materials[0]);
    copy.name = mesh.name || mesh.parent?.name || '';
    copy.applyMatrix4(mesh.matrixWorld);
    return copy;
  }

  dispose() {
    for (const texture of this.#textures.values()) texture.dispose();
    for (const material of this.#materials.values()) material.dispose();
  }

  /** @param {THREE.MeshStandardMaterial} material */
  #material(material) {
    let plain = this.#materials.get(material);
    if (plain === undefined) {
      const { name, color, roughness, metalness, normalScale, vertexColors, side, emissive, emissiveIntensity } =
        material;
      const { base_color: map, normal, orm } = mapsOf(material);
      const maps = orm
        ? { aoMap: this.#texture(orm), roughnessMap: this.#texture(orm), metalnessMap: this.#texture(orm) }
        : {};
      plain = new THREE.MeshStandardMaterial({
        name: /** @type {{prompt?: string}} */ (material).prompt ?? name,
        color,
        emissive,
        emissiveIntensity,
        // Stand-ins leave these at 1 for a map that is not there.
        roughness: orm || !material.roughnessMap ? roughness : 0.9,
        metalness: orm || !material.metalnessMap ? metalness : 0,
        normalScale,
        vertexColors,
        side,
        ...(map && { map: this.#texture(map) }),
        ...(normal && { normalMap: this.#texture(normal) }),
        ...maps,
      });
      this.#materials.set(material, plain);
    }
    return plain;
  }

  /** @param {THREE.Texture} texture */
  #texture(texture) {
    let plain = this.#textures.get(texture);
    if (plain === undefined) {
      plain = new THREE.CanvasTexture(this.#reader.read(texture));
      plain.colorSpace = texture.colorSpace;
      plain.flipY = false;
      plain.wrapS = texture.wrapS;
      plain.wrapT = texture.wrapT;
      plain.repeat.copy(texture.repeat);
      plain.offset.copy(texture.offset);
      this.#textures.set(texture, plain);
    }
    return plain;
  }
}

/**
 * @param {THREE.BufferGeometry} geometry
 * @returns {THREE.BufferGeometry} A copy as the format wants it: normals of length 1, colours up to 1.
 */
function fit(geometry) {
  const copy = geometry.clone();
  const normals = copy.getAttribute('normal');
  const normal = new THREE.Vector3();
  for (let place = 0; place < normals.count; place += 1) {
    normal.fromBufferAttribute(normals, place);
    // Triangles without an area have none.
    if (normal.lengthSq() === 0) normal.set(0, 1, 0);
    normals.setXYZ(place, ...normal.normalize().toArray());
  }
  const colors = copy.getAttribute('color')?.array;
  // What lamps shine on is brighter here.
  if (colors instanceof Float32Array) colors.forEach((value, place) => (colors[place] = Math.min(1, value)));
  return copy;
}
