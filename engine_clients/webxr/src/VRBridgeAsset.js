/**
 * A file that arrived: a picture, a mesh, a map of a material.
 *
 * @typedef {import('./worker/SessionHost.js').AssetFacts} AssetFacts
 * @typedef {import('./worker/pictures.js').Picture} Picture
 * @typedef {import('./worker/meshes.js').MeshData} MeshData
 */
export class VRBridgeAsset {
  /** @type {((nBytes: number) => void) | null} */
  #onReleased;
  #isHeld = false;

  /**
   * @param {AssetFacts} facts
   * @param {Uint8Array<ArrayBuffer> | Picture | MeshData} content
   * @param {((nBytes: number) => void) | null} onReleased Tells the session that these bytes are not held any more.
   */
  constructor(facts, content, onReleased) {
    /** Its number in the session. */
    this.number = facts.number;
    /** What it is for, such as `base_color`, `lod0` or `preview`. */
    this.role = facts.role;
    /** Such as `image/ktx2` or `model/gltf-binary`. */
    this.mediaType = facts.mediaType;
    /** How many bytes it has when it is complete. */
    this.nBytes = facts.nBytes;
    /** How many of them have arrived. */
    this.nArrived = facts.nArrived;
    /** `sha256:` and 64 hexadecimal digits. */
    this.digest = facts.digest;
    /** Facts about it, as the protocol lists them for its kind. */
    this.meta = facts.meta;
    /** Its bytes, or what the worker made of them. Empty as long as it is still arriving. */
    this.content = content;
    this.#onReleased = onReleased;
  }

  /** Whether `hold` was called. */
  get isHeld() {
    return this.#isHeld;
  }

  /** The file's bytes; empty where the worker has decoded them. */
  get data() {
    return this.content instanceof Uint8Array ? this.content : new Uint8Array();
  }

  /** Keeps further assets back until `release`; without it an asset counts as used when its listeners return. */
  hold() {
    this.#isHeld = true;
  }

  /** Says that it was used, so that more may come. */
  release() {
    this.#onReleased?.(this.nBytes);
    this.#onReleased = null;
  }
}
