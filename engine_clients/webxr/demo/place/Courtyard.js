import * as THREE from 'three';
import { Backdrop } from './Backdrop.js';
import { Blacksmith } from './Blacksmith.js';
import { BulbString } from './BulbString.js';
import { FIRE, Forge } from './Forge.js';
import { Furnishing } from './Furnishing.js';
import { Gate } from './Gate.js';
import { Greenery } from './Greenery.js';
import { Grove } from './Grove.js';
import { Halos } from './Halos.js';
import { House } from './House.js';
import { Lanterns } from './Lanterns.js';
import { Lighting } from './Lighting.js';
import { Motes } from './Motes.js';
import { Palette } from './Palette.js';
import { SampleWall } from './SampleWall.js';
import { Sky } from './Sky.js';
import { Table, TABLE_M } from './Table.js';
import { clampToYard, keepAway } from './walkable.js';
import { Walls } from './Walls.js';

/** Colour of the haze, and where it begins and hides all. */
const HAZE = { color: 0xe0a070, fromM: 5, toM: 75 };
const SMITH_AT = new THREE.Vector3(-1.5, 0, -1.8);
/** Near enough for a living room. */
const SMITH_NEAR = new THREE.Vector3(-0.75, 0, -0.4);
const TABLE_AT = new THREE.Vector3(1.65, 0, 0.35);
/** Where no haze is seen any more: without fog at all, every shader would be built anew. */
const FAR_M = 1e6;

/**
 * @typedef {import('./Palette.js').Surface} Surface
 *
 * @typedef {object} PropSpot Where a prop stands at the start.
 * @property {string} prompt
 * @property {THREE.Vector3} position
 * @property {number} turnRad
 * @property {number} [sizeM] Its longest side.
 * @property {string} style How it is made: by rules, which know what stands in such places.
 */

/**
 * A courtyard at sunset: walls with a gate, a house with lit windows, a forge with its smith, a table. About 10 × 10 m
 * around the origin; the gate lies towards −Z, and who comes stands at `Courtyard.START`.
 */
export class Courtyard {
  /** Where the player's feet are at first, looking towards −Z. */
  static START = new THREE.Vector3(0, 0, 3.4);
  /** The same where the room itself is the scene. */
  static PASSTHROUGH_START = new THREE.Vector3(0.3, 0, 1.7);

  #palette = new Palette();
  /** What is shown only where there is no room around. */
  #place = new THREE.Group();
  #haze = new THREE.Fog(HAZE.color, HAZE.fromM, HAZE.toM);
  #forge = new Forge(this.#palette);
  #lanterns = new Lanterns(this.#palette);
  #table = new Table(this.#palette);
  #sample = new SampleWall(this.#palette);
  /** @type {BulbString[]} */
  #strings = [];
  /** @type {Motes[]} */
  #motes = [];
  #tableBlock = /** @type {[number, number, number, number]} */ ([
    TABLE_AT.x - 0.8,
    TABLE_AT.x + 0.8,
    TABLE_AT.z - 0.4,
    TABLE_AT.z + 0.4,
  ]);

  /** Everything; to be added to the scene. */
  root = new THREE.Group();
  /** The dome of the sky, to make reflections from. */
  sky = new Sky();
  /** The two wings in the wall ahead. */
  gate = new Gate(this.#palette);
  smith = new Blacksmith(this.#palette);
  /** What materials can be asked for. @type {Surface[]} */
  surfaces;
  /** @type {PropSpot[]} */
  spots = [
    { prompt: 'an anvil', style: 'procedural', position: new THREE.Vector3(-2.15, 0, -1.4), turnRad: 0.5 },
    {
      prompt: 'a stone well',
      style: 'procedural',
      position: new THREE.Vector3(2.6, 0, -2.6),
      turnRad: 0.35,
      sizeM: 2.3,
    },
    { prompt: 'a wooden barrel', style: 'procedural', position: new THREE.Vector3(4.0, 0, -0.85), turnRad: 0.8 },
    {
      prompt: 'a clay jug',
      style: 'procedural',
      position: new THREE.Vector3(TABLE_AT.x - 0.35, TABLE_M, TABLE_AT.z - 0.05),
      turnRad: 0.4,
      sizeM: 0.32,
    },
  ];
  /** Called when the static shadows have to be drawn anew. */
  onChanged = () => {};

  constructor() {
    this.root.name = 'courtyard';
    this.#setApart();
    this.smith.position.copy(SMITH_AT);
    this.smith.face(0.27);
    this.smith.anvil = this.spots[0].position;
    this.#table.position.copy(TABLE_AT);
    this.#sample.position.set(0.35, 0, -1.2);
    this.#sample.visible = false;
    this.#hangBulbs();
    this.#scatterMotes();
    this.#place.add(new Walls(this.#palette), new House(this.#palette), new Backdrop(this.#palette), this.sky);
    this.#place.add(new Grove(this.#palette), new Greenery(this.#palette), new Furnishing(this.#palette));
    this.#place.add(this.gate, this.#forge, this.#lanterns, ...this.#strings, ...this.#motes);
    this.root.add(this.#place, new Lighting(), this.#forge.light, this.smith, this.#table, this.#sample);
    this.root.addEventListener('added', () => this.#dress());
    this.surfaces = this.#palette.surfaces;
  }

  /**
   * Moves what moves by itself.
   *
   * @param {number} nowS
   * @param {number} deltaS
   * @param {THREE.Vector3} headPosition The player's, in the scene's coordinates.
   */
  update(nowS, deltaS, headPosition) {
    this.smith.update(nowS, headPosition);
    if (!this.#place.visible) return;
    this.#forge.update(nowS);
    this.#lanterns.update(nowS);
    for (const string of this.#strings) string.update(nowS);
    for (const motes of this.#motes) motes.update(nowS);
    if (this.gate.update(deltaS)) this.onChanged();
  }

  /**
   * Leaves only what can stand in a living room: smith, table, and a piece of wall.
   *
   * @param {boolean} isOn
   */
  setPassthrough(isOn) {
    this.#place.visible = !isOn;
    this.#sample.visible = isOn;
    // It stays: without it, every shader would be built anew.
    this.#forge.light.intensity = 0;
    this.smith.position.copy(isOn ? SMITH_NEAR : SMITH_AT);
    this.#haze.near = isOn ? FAR_M : HAZE.fromM;
    this.#haze.far = isOn ? 2 * FAR_M : HAZE.toM;
    this.#dress();
    this.onChanged();
  }

  /** Gives the smith a paint of his own, so that he alone glows when he is pointed at. */
  #setApart() {
    const paint = this.#palette.painted.clone();
    this.smith.traverse((part) => {
      if (part instanceof THREE.Mesh && part.material === this.#palette.painted) part.material = paint;
    });
  }

  /**
   * Keeps a walker inside, and out of table, forge and smith.
   *
   * @param {THREE.Vector3} position Its x and z are moved.
   */
  clampToWalkable(position) {
    keepAway(position, this.smith.position, 0.55);
    clampToYard(position, [this.#tableBlock]);
  }

  /** The scene's haze is part of the place. */
  #dress() {
    const scene = this.root.parent;
    if (scene instanceof THREE.Scene) scene.fog = this.#haze;
  }

  #hangBulbs() {
    const lines = [
      [-3.7, 3.55, -2.4, 4.25, 4.5, -1.0, 0.75],
      [-1.45, 3.6, -4.9, 4.25, 4.4, -4.4, 0.5],
      [-4.85, 3.55, 2.0, 4.25, 4.5, 1.6, 0.7],
    ];
    for (const [x, y, z, toX, toY, toZ, sag] of lines) {
      const string = new BulbString(this.#palette, new THREE.Vector3(x, y, z), new THREE.Vector3(toX, toY, toZ), sag);
      string.add(new Halos(string.bulbs, 0.42, 0xb87830));
      this.#strings.push(string);
    }
  }

  #scatterMotes() {
    const { x, y, z } = FIRE;
    this.#motes.push(
      new Motes({
        n: 36,
        from: [x - 0.35, y, z - 0.2],
        to: [x + 0.35, y + 0.1, z + 0.3],
        drift: [0.15, 1.3, 0.35],
        spread: [0.12, 0.1, 0.12],
        sizeM: 0.018,
        lifeS: 2.6,
        color: new THREE.Color(2.2, 0.8, 0.2),
      }),
      new Motes({
        n: 150,
        from: [-4.5, 0.3, -4.5],
        to: [4.2, 3, 4],
        drift: [0.5, 0.15, -0.2],
        spread: [0.25, 0.15, 0.25],
        sizeM: 0.012,
        lifeS: 14,
        color: new THREE.Color(0.5, 0.34, 0.18),
      }),
      // Smoke of the forge, which the low sun shines through.
      new Motes({
        n: 26,
        from: [x - 0.15, 5.4, -4.85],
        to: [x + 0.15, 5.5, -4.65],
        drift: [2.2, 3.4, -0.9],
        spread: [0.22, 0.1, 0.22],
        sizeM: 0.35,
        lifeS: 9,
        growth: 3.2,
        maxSize: 1,
        color: new THREE.Color(0.01, 0.005, 0.0026),
      }),
    );
  }
}
