// What a web build has around a plugin: memory, texts in it, and the functions of libraries by their names.
const HEAPU8 = new Uint8Array(1 << 20);
const LibraryManager = { library: {} };

function UTF8ToString(address) {
  return new TextDecoder().decode(HEAPU8.subarray(address, HEAPU8.indexOf(0, address)));
}

function mergeInto(library, functions) {
  const names = Object.keys(functions).filter((name) => !name.endsWith('__deps'));
  for (const name of names) {
    // What begins with a dollar is for the functions of the library that name it as needed.
    const needed = functions[`${name}__deps`] ?? [];
    if (!needed.every((other) => other in functions)) throw new Error(`${name} needs what is not there`);
    globalThis[name.replace('$', '')] = functions[name];
  }
  Object.assign(library, functions);
}

// Addresses at which a build would keep its texts and buffers.
const TEXT = 16;
const OTHER_TEXT = 2048;
const BUFFER = 1 << 16;

function text(content, address = TEXT) {
  HEAPU8.set(new TextEncoder().encode(`${content}\0`), address);
  return address;
}
