import { mapsOf, put, ROLES } from './surface.js';
import { numberOf } from '../wire/fields.js';

/**
 * Turns the picture assets of one request into textures: a preview first, coarse levels as they come, and the whole set
 * at once when all of it is there.
 *
 * @typedef {import('three').MeshStandardMaterial} MeshStandardMaterial
 * @typedef {import('three').Texture} Texture
 * @typedef {import('../VRBridgeAsset.js').VRBridgeAsset} VRBridgeAsset
 * @typedef {import('../worker/pictures.js').Picture} Picture
 * @typedef {import('./surface.js').Role} Role
 *
 * @typedef {object} Listeners
 * @property {(widthPx: number) => void} shown A picture in place of a finer one that is still on its way.
 * @property {() => void} swapped All maps were put in.
 */
export class MapLoader {
  #material;
  #uploader;
  #tell;
  /** @type {Map<Role, Texture>} */
  #maps = new Map();
  #nReading = 0;
  #isComplete = false;
  #shownPx = 0;
  /** The texture that stands in for a finer one. @type {Texture | null} */
  #standIn = null;
  /** What showed before it. @type {Texture | null} */
  #before = null;
  // What was begun before a restart is for nobody.
  #round = 0;

  /** The length that one tile of the maps covers; 0 as long as it is not known. */
  metresPerTile = 0;

  /**
   * @param {MeshStandardMaterial} material What the maps belong to.
   * @param {import('./TextureUploader.js').TextureUploader} uploader
   * @param {Listeners} tell
   */
  constructor(material, uploader, tell) {
    this.#material = material;
    this.#uploader = uploader;
    this.#tell = tell;
  }

  /**
   * Takes the levels of a map that are there already.
   *
   * @param {VRBridgeAsset} asset
   */
  async takeCoarse(asset) {
    const round = this.#round;
    this.#note(asset);
    const picture = /** @type {Picture} */ (asset.content);
    // A finer one may be on its way to the graphics card already.
    if (picture.widthPx <= this.#shownPx) return;
    const texture = await this.#uploader.upload(picture);
    if (round === this.#round) this.#show(picture.widthPx, texture);
    else texture.dispose();
  }

  /**
   * Takes a complete map.
   *
   * @param {VRBridgeAsset} asset
   */
  async take(asset) {
    const round = this.#round;
    this.#note(asset);
    asset.hold();
    this.#nReading += 1;
    const picture = /** @type {Picture} */ (asset.content);
    const texture = await this.#uploader.upload(picture);
    asset.release();
    const role = ROLES.find((name) => name === asset.role);
    if (round !== this.#round) {
      texture.dispose();
      return;
    }
    this.#nReading -= 1;
    if (role !== undefined) this.#maps.set(role, texture);
    else if (asset.role === 'preview') this.#show(picture.widthPx, texture);
    else texture.dispose();
    this.#swapIfReady();
  }

  /** Says that all maps have come: they are swapped in as soon as they are uploaded. */
  complete() {
    this.#isComplete = true;
    this.#swapIfReady();
  }

  /** Forgets what came, since it comes once more. */
  restart() {
    this.#round += 1;
    for (const texture of this.#maps.values()) texture.dispose();
    this.#maps.clear();
    this.#nReading = 0;
    this.#isComplete = false;
  }

  /** Ends it without a set of maps: what showed before shows again. */
  abandon() {
    this.restart();
    if (this.#standIn === null) return;
    if (this.#before !== null) put(this.#material, 'base_color', this.#before);
    this.#standIn.dispose();
    this.#standIn = null;
  }

  /** @param {VRBridgeAsset} asset */
  #note(asset) {
    const metres = numberOf(asset.meta, 'metres_per_tile');
    if (metres > 0) this.metresPerTile = metres;
  }

  /**
   * @param {number} widthPx
   * @param {Texture} texture
   */
  #show(widthPx, texture) {
    if (this.#maps.has('base_color') || widthPx <= this.#shownPx) {
      texture.dispose();
      return;
    }
    this.#shownPx = widthPx;
    if (this.#standIn === null) this.#before = this.#material.map;
    put(this.#material, 'base_color', texture);
    this.#standIn?.dispose();
    this.#standIn = texture;
    this.#tell.shown(widthPx);
  }

  #swapIfReady() {
    if (!this.#isComplete || this.#nReading > 0) return;
    this.#isComplete = false;
    if (this.#standIn !== null && this.#before !== null) put(this.#material, 'base_color', this.#before);
    const replaced = mapsOf(this.#material);
    for (const [role, texture] of this.#maps) {
      replaced[role]?.dispose();
      put(this.#material, role, texture);
    }
    this.#maps.clear();
    this.#standIn?.dispose();
    this.#standIn = null;
    this.#shownPx = 0;
    this.#tell.swapped();
  }
}
