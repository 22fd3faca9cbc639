/**
 * @param {import('three').MeshStandardMaterial} material
 * @returns {Record<string, import('three').Texture>} Its maps by their roles, without stand-ins of one pixel or block.
 */
export function mapsOf({ map, normalMap, roughnessMap }) {
  const all = Object.entries({ base_color: map, normal: normalMap, orm: roughnessMap });
  const widthOf = (/** @type {import('three').Texture} */ { image }) => /** @type {{width: number}} */ (image).width;
  const real = all.filter(([, texture]) => texture !== null && widthOf(texture) > 4);
  return /** @type {Record<string, import('three').Texture>} */ (Object.fromEntries(real));
}
