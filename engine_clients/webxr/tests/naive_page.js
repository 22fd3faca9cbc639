import { decode, encode } from '@msgpack/msgpack';
import * as THREE from 'three';
import { GLTFLoader } from 'three/addons/loaders/GLTFLoader.js';

/**
 * What most pages do: the socket on the main thread, every message at once, whole PNG and GLB files, decoded where they
 * arrive and uploaded when they are drawn.
 *
 * @typedef {Record<string, any>} Message
 */
export class NaivePage {
  #loader = new GLTFLoader();
  /** @type {Map<number, {header: Message, parts: Uint8Array<ArrayBuffer>[], nBytes: number}>} */
  #files = new Map();
  #nOpen = 0;
  #nLoading = 0;
  #group;
  #begin;

  nBytes = 0;

  /**
   * @param {THREE.Group} group Where everything goes.
   * @param {() => void} begin Called when the main thread begins to work on something.
   */
  constructor(group, begin) {
    this.#group = group;
    this.#begin = begin;
  }

  get isBusy() {
    return this.#nOpen > 0 || this.#nLoading > 0;
  }

  /**
   * @param {string} url
   * @param {Message[]} requests
   */
  start(url, requests) {
    this.#nOpen = requests.length;
    const socket = new WebSocket(url, 'vrbridge.v1');
    socket.binaryType = 'arraybuffer';
    const send = (/** @type {Message} */ message) => socket.send(encode(message));
    const receive = { texture_formats: ['png'], mesh_formats: ['glb'], chunk_bytes: 65536, window_bytes: 1 << 25 };
    socket.onopen = () => send({ type: 'hello', version: 1, client: { name: 'naive' }, receive });
    socket.onmessage = ({ data }) => {
      this.#begin();
      const message = /** @type {Message} */ (decode(new Uint8Array(data)));
      if (message.type === 'welcome') {
        for (const [place, request] of requests.entries()) send({ type: 'request', id: place + 1, ...request });
      } else this.#take(message);
      if (this.#nOpen === 0) socket.close();
    };
  }

  /** @param {Message} message */
  #take(message) {
    if (message.type === 'asset') this.#files.set(message.asset, { header: message, parts: [], nBytes: 0 });
    else if (message.type === 'done' || message.type === 'error') this.#nOpen -= 1;
    else if (message.type === 'chunk') {
      const file = this.#files.get(message.asset);
      if (file === undefined) return;
      file.parts.push(message.data);
      file.nBytes += message.data.length;
      if (file.nBytes === file.header.bytes) this.#load(file.header, new Blob(file.parts));
    }
  }

  /**
   * @param {Message} header
   * @param {Blob} file
   */
  async #load(header, file) {
    this.#nLoading += 1;
    this.nBytes += file.size;
    const place = [Math.random() * 3 - 1.5, Math.random() * 2 + 0.5, -3];
    if (header.media_type === 'model/gltf-binary') {
      const data = await file.arrayBuffer();
      this.#begin();
      const { scene } = await this.#loader.parseAsync(data, '');
      scene.position.fromArray(place);
      this.#group.add(scene);
    } else {
      const image = new Image();
      image.src = URL.createObjectURL(file);
      await new Promise((resolve) => {
        image.onload = resolve;
      });
      this.#begin();
      const map = new THREE.Texture(image);
      map.needsUpdate = true;
      const quad = new THREE.Mesh(new THREE.PlaneGeometry(0.4, 0.4), new THREE.MeshStandardMaterial({ map }));
      quad.position.fromArray(place);
      this.#group.add(quad);
    }
    this.#nLoading -= 1;
  }
}
