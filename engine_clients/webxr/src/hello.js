/** What a page says of itself when it connects. */

/** Name of this client on the wire. */
const NAME = 'vrbridge-webxr';
/** Version of this client. */
export const VERSION = '0.1.0';

const CHUNK_BYTES = 65536;
const WINDOW_BYTES = 512 << 10;
const MAX_TEXTURE_PX = 2048;
const MAX_FACES = 20000;

/**
 * @param {string} device
 * @returns {Record<string, string>}
 */
export function clientFacts(device) {
  return { name: NAME, version: VERSION, engine: 'webxr', device };
}

/**
 * @param {import('three').WebGLRenderer | null} renderer
 * @param {string[]} formats Of pictures, best first.
 * @returns {Record<string, any> & {chunk_bytes: number, window_bytes: number}} What it can take.
 */
export function receivableBy(renderer, formats) {
  return {
    chunk_bytes: CHUNK_BYTES,
    window_bytes: WINDOW_BYTES,
    texture_formats: formats,
    mesh_formats: ['arrays', 'glb'],
    max_texture_px: Math.min(MAX_TEXTURE_PX, renderer?.capabilities.maxTextureSize ?? MAX_TEXTURE_PX),
    max_faces: MAX_FACES,
  };
}
