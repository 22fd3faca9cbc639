/**
 * vrbridge for WebXR: characters that answer, materials and props from words, in a running three.js scene.
 *
 * @module vrbridge
 * @typedef {import('./src/options.js').ConnectOptions} ConnectOptions
 * @typedef {import('./src/scene/BridgeMaterial.js').MaterialOptions} MaterialOptions
 * @typedef {import('./src/scene/BridgeMesh.js').MeshOptions} MeshOptions
 * @typedef {import('./src/scene/Character.js').CharacterOptions} CharacterOptions
 */
export { VERSION } from './src/hello.js';
export { VRBridge } from './src/VRBridge.js';
export { VRBridgeAsset } from './src/VRBridgeAsset.js';
export { VRBridgeError } from './src/VRBridgeError.js';
export { VRBridgeRequest } from './src/VRBridgeRequest.js';
export { FrameBudget } from './src/FrameBudget.js';
export { BridgeMaterial } from './src/scene/BridgeMaterial.js';
export { BridgeMesh } from './src/scene/BridgeMesh.js';
export { Character } from './src/scene/Character.js';
export { ContextSource } from './src/scene/ContextSource.js';
export { Overlay } from './src/scene/Overlay.js';
