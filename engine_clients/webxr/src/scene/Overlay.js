import * as THREE from 'three';
import { Emitter } from '../Emitter.js';
import { roundedPanel } from './roundedPanel.js';
import { breakRows } from './textLayout.js';
import { FONT_PX, ROW_PX, TextRow } from './TextRow.js';

const MAX_LINES = 16;
const MARGIN_PX = 30;
const RADIUS_PX = 22;
const MIN_WIDTH_PX = 4 * FONT_PX;
// A reader takes about so many characters a second.
const READ_HZ = 16;
// Over everything, the panel before its text.
const RENDER_ORDER = 1000;

/**
 * @typedef {import('./Head.js').Head} Head
 *
 * @typedef {object} OverlayOptions
 * @property {THREE.Object3D} [target] The object that it hangs on; without, it hangs where it is in the scene.
 * @property {boolean} [isHeadLocked] Whether it hangs on the player's head.
 * @property {THREE.Vector3} [offset] From the anchor, in metres; from the head, −Z is ahead.
 * @property {number} [textHeightDegrees] Height of a row, in degrees of the view. Under 1 is hard to read in a headset.
 * @property {number} [widthDegrees] Width of the longest row.
 * @property {number} [holdS] How long a line stays at least after its end.
 * @property {number} [fadeS] How long it takes to come and go.
 * @property {number} [revealHz] Characters a second that streamed text appears with; 0 shows all at once.
 * @property {THREE.ColorRepresentation} [textColor]
 * @property {THREE.ColorRepresentation} [nameColor]
 * @property {THREE.ColorRepresentation} [panelColor]
 * @property {number} [panelOpacity]
 * @property {string} [fontFamily] As CSS has it.
 *
 * @typedef {object} Line A line of text that may still grow.
 * @property {string} speaker Who says it; empty for nobody.
 * @property {string} text All of it that is there.
 * @property {boolean} isWhole Whether no more comes.
 *
 * @typedef {object} OverlayEvents
 * @property {Line} lineStarted The panel has begun with it.
 * @property {{line: Line, characters: number}} charactersShown More of it can be read: code points from its start.
 * @property {{}} emptied The last line was read and the panel is gone.
 */

/**
 * A panel of text in the scene that faces the player: what a character says, a hint, a caption.
 *
 * Its size is in degrees of the view, so it reads the same from near and far, flat and in a headset.
 */
export class Overlay extends THREE.Object3D {
  /** @type {Emitter<OverlayEvents>} */
  #emitter = new Emitter();
  /** @type {Line[]} */
  #lines = [];
  /** The rows of the line that shows, as they lie when all of it can be read. @type {string[]} */
  #rowTexts = [];
  /** @type {TextRow[]} */
  #rows = [];
  #name;
  #panel;
  #content = new THREE.Group();
  #pen = /** @type {CanvasRenderingContext2D} */ (document.createElement('canvas').getContext('2d'));
  #laidOut = '';
  #shown = 0;
  #opacity = 0;
  #doneForS = 0;
  #widthPx;
  #font;
  #textColor;
  #panelOpacity;
  #place = new THREE.Matrix4();

  isDisposed = false;

  /** @param {OverlayOptions} [options] */
  constructor(options = {}) {
    super();
    this.target = options.target ?? null;
    this.isHeadLocked = options.isHeadLocked ?? false;
    this.offset =
      options.offset ?? new THREE.Vector3(0, options.isHeadLocked ? -0.25 : 0, options.isHeadLocked ? -1.5 : 0);
    this.textHeightDegrees = options.textHeightDegrees ?? 1.3;
    this.holdS = options.holdS ?? 2.5;
    this.fadeS = options.fadeS ?? 0.15;
    this.revealHz = options.revealHz ?? 45;
    this.#widthPx = (FONT_PX * (options.widthDegrees ?? 26)) / this.textHeightDegrees;
    this.#font = `${FONT_PX}px ${options.fontFamily ?? 'system-ui, "DejaVu Sans", sans-serif'}`;
    this.#pen.font = this.#font;
    this.#textColor = new THREE.Color(options.textColor ?? 0xf7f5ed);
    this.#panelOpacity = options.panelOpacity ?? 0.86;
    this.#panel = new THREE.Mesh(
      new THREE.BufferGeometry(),
      new THREE.MeshBasicMaterial({
        color: options.panelColor ?? 0x0f121a,
        transparent: true,
        depthTest: false,
        depthWrite: false,
        fog: false,
        toneMapped: false,
      }),
    );
    this.#panel.frustumCulled = false;
    this.#name = new TextRow(this.#widthPx, new THREE.Color(options.nameColor ?? 0xffcc73));
    this.#content.add(this.#panel, this.#name.mesh);
    this.#panel.renderOrder = RENDER_ORDER;
    this.#name.mesh.renderOrder = RENDER_ORDER + 1;
    this.#content.matrixAutoUpdate = false;
    this.#content.visible = false;
    this.add(this.#content);
  }

  /** Whether something shows or waits. */
  get isBusy() {
    return this.#lines.length > 0;
  }

  /** What can be read at the moment. */
  get visibleText() {
    return this.#content.visible && this.#lines.length > 0
      ? [...this.#lines[0].text].slice(0, Math.floor(this.#shown)).join('')
      : '';
  }

  /**
   * @template {keyof OverlayEvents} Name
   * @param {Name} name
   * @param {(event: OverlayEvents[Name]) => void} listener
   * @returns {() => void} Ends it.
   */
  on(name, listener) {
    return this.#emitter.on(name, listener);
  }

  /**
   * Shows a line after those that wait.
   *
   * @param {string} text
   * @param {string} [speaker]
   * @param {boolean} [isWhole] False for one that `extend` adds to.
   * @returns {Line}
   */
  showLine(text, speaker = '', isWhole = true) {
    const line = { text, speaker, isWhole };
    // The oldest that nobody has begun to read makes room.
    if (this.#lines.length >= MAX_LINES) this.#lines.splice(1, 1);
    this.#lines.push(line);
    if (this.#lines.length === 1) this.#begin();
    return line;
  }

  /**
   * Adds a piece to a line that is not whole.
   *
   * @param {Line} line
   * @param {string} piece
   */
  extend(line, piece) {
    line.text += piece;
  }

  /**
   * Says that no more of a line comes.
   *
   * @param {Line} line
   */
  finish(line) {
    line.isWhole = true;
  }

  /**
   * Drops a line, or all of them.
   *
   * @param {Line} [line]
   */
  dismiss(line) {
    const isCurrent = line === undefined || line === this.#lines[0];
    this.#lines = line === undefined ? [] : this.#lines.filter((other) => other !== line);
    if (isCurrent && this.#lines.length > 0) this.#begin();
  }

  /**
   * Does a frame's part; the bridge calls it.
   *
   * @param {Head} head
   * @param {number} deltaS
   */
  update(head, deltaS) {
    if (this.#lines.length === 0 && this.#opacity <= 0) {
      this.#content.visible = false;
      return;
    }
    this.#reveal(deltaS);
    const step = this.fadeS > 0 ? deltaS / this.fadeS : 1;
    this.#opacity = this.#lines.length > 0 ? Math.min(1, this.#opacity + step) : Math.max(0, this.#opacity - step);
    this.#content.visible = this.#opacity > 0;
    this.#panel.material.opacity = this.#panelOpacity * this.#opacity;
    for (const row of [this.#name, ...this.#rows]) row.mesh.material.opacity = this.#opacity;
    this.#face(head);
    if (this.#lines.length === 0 && this.#opacity <= 0) this.#emitter.emit('emptied', {});
  }

  /** Frees it. */
  dispose() {
    this.isDisposed = true;
    for (const row of [this.#name, ...this.#rows]) row.dispose();
    this.#panel.geometry.dispose();
    this.#panel.material.dispose();
    this.removeFromParent();
  }

  #begin() {
    this.#shown = 0;
    this.#doneForS = 0;
    this.#layOut();
    this.#emitter.emit('lineStarted', this.#lines[0]);
  }

  /** @param {number} deltaS */
  #reveal(deltaS) {
    if (this.#lines.length === 0) return;
    const line = this.#lines[0];
    const length = [...line.text].length;
    const before = Math.floor(this.#shown);
    // Once all that was drawn can be read: while text streams in, it is drawn a few times a second and not a hundred.
    if (this.#laidOut !== line.text && (before >= [...this.#laidOut].length || line.isWhole)) this.#layOut();
    const drawn = [...this.#laidOut].length;
    // What comes faster than it can be read must not fall behind for ever.
    const rateHz = Math.max(this.revealHz, (length - this.#shown) / 2);
    this.#shown = this.revealHz <= 0 ? drawn : Math.min(drawn, this.#shown + rateHz * deltaS);
    const characters = Math.floor(this.#shown);
    if (characters !== before) {
      this.#uncover(characters);
      this.#emitter.emit('charactersShown', { line, characters });
    }
    if (!line.isWhole || characters < length) {
      this.#doneForS = 0;
      return;
    }
    this.#doneForS += deltaS;
    if (this.#doneForS < Math.max(this.holdS, length / READ_HZ - length / Math.max(rateHz, 1))) return;
    this.#lines.shift();
    if (this.#lines.length > 0) this.#begin();
  }

  /** @param {number} nCharacters */
  #uncover(nCharacters) {
    let left = nCharacters;
    for (const [place, text] of this.#rowTexts.entries()) {
      this.#rows[place].reveal(left);
      left -= [...text].length;
    }
  }

  /** Sets out the whole line, so that words don't jump to the next row while they appear. */
  #layOut() {
    const { text, speaker } = this.#lines[0];
    this.#laidOut = text;
    const widthOf = (/** @type {string} */ piece) => this.#pen.measureText(piece).width;
    this.#rowTexts = breakRows(text, widthOf, this.#widthPx);
    while (this.#rows.length < this.#rowTexts.length) this.#addRow();
    const nameRows = speaker ? 1 : 0;
    const widestPx = Math.max(...[speaker, ...this.#rowTexts].map(widthOf));
    const widthPx = Math.min(this.#widthPx, Math.max(MIN_WIDTH_PX, widestPx)) + 2 * MARGIN_PX;
    const heightPx = (nameRows + Math.max(1, this.#rowTexts.length)) * ROW_PX + 2 * MARGIN_PX;
    this.#panel.geometry.dispose();
    this.#panel.geometry = roundedPanel(widthPx, heightPx, RADIUS_PX);
    // The panel stands on its anchor and grows upwards.
    const [left, top] = [MARGIN_PX - widthPx / 2, heightPx - MARGIN_PX];
    this.#name.mesh.visible = nameRows > 0;
    this.#name.draw(speaker, this.#font);
    this.#name.mesh.position.set(left, top, 0);
    this.#name.reveal(Infinity);
    for (const [place, row] of this.#rows.entries()) {
      row.mesh.visible = place < this.#rowTexts.length;
      if (row.mesh.visible) row.draw(this.#rowTexts[place].trimEnd(), this.#font);
      row.mesh.position.set(left, top - (nameRows + place) * ROW_PX, 0);
    }
    this.#uncover(Math.floor(this.#shown));
  }

  #addRow() {
    const row = new TextRow(this.#widthPx, this.#textColor);
    row.mesh.renderOrder = RENDER_ORDER + 1;
    this.#rows.push(row);
    this.#content.add(row.mesh);
  }

  /**
   * Hangs the panel on its anchor, turned to the player, as large as its degrees say.
   *
   * @param {Head} head
   */
  #face(head) {
    const place = this.#anchor(head);
    const distanceM = Math.max(0.2, head.position.distanceTo(place));
    const towards = head.position.clone().sub(place);
    const isUpright = towards.lengthSq() > 1e-6 && Math.abs(towards.clone().normalize().y) < 0.999;
    if (!isUpright) towards.set(0, 0, 1).applyQuaternion(head.quaternion);
    const rowM = 2 * distanceM * Math.tan(THREE.MathUtils.degToRad(this.textHeightDegrees) / 2);
    this.#place.lookAt(towards, new THREE.Vector3(), new THREE.Vector3(0, 1, 0));
    this.#place.scale(new THREE.Vector3().setScalar(rowM / FONT_PX)).setPosition(place);
    // Whatever moves or scales what it was put into, it stays where it belongs.
    this.updateWorldMatrix(true, false);
    this.#content.matrix.copy(this.matrixWorld).invert().multiply(this.#place);
    this.#content.updateMatrixWorld(true);
  }

  /**
   * @param {Head} head
   * @returns {THREE.Vector3} In the scene.
   */
  #anchor(head) {
    if (this.isHeadLocked) return this.offset.clone().applyMatrix4(head.matrix);
    const anchor = this.target ?? this;
    anchor.updateWorldMatrix(true, false);
    return new THREE.Vector3().setFromMatrixPosition(anchor.matrixWorld).add(this.offset);
  }
}
