import { decode as decodeIndependently, encode as encodeIndependently } from '@msgpack/msgpack';
import { MessagePackReader } from '../src/wire/MessagePackReader.js';
import { MessagePackWriter } from '../src/wire/MessagePackWriter.js';
import { Sha256 } from '../src/wire/Sha256.js';
import { means, test } from './runner.js';

const REFUSED_BYTES = [
  'cut_off',
  'bytes_after_the_end',
  'empty',
  'extension_type',
  'invalid_utf8',
  'json',
  'key_is_int',
  'infinity',
  'nan',
  'int_beyond_53_bits',
  'params_beyond_53_bits',
  'params_not_finite',
  'params_with_int_key',
  'too_deep',
];

/**
 * @typedef {{name: string, hex: string, message: any, answer?: any}} Golden
 * @param {string} folder
 * @returns {Promise<Golden[]>}
 */
async function golden(folder) {
  return (await fetch(`/wire/${folder}.json`)).json();
}

/** @param {string} hex */
function unhex(hex) {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** @param {any} value With `$bin` in place of bytes. @returns {any} */
function withBytes(value) {
  if (Array.isArray(value)) return value.map(withBytes);
  if (typeof value !== 'object' || value === null) return value;
  if (typeof value.$bin === 'string') return unhex(value.$bin);
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, withBytes(part)]));
}

for (const folder of ['client', 'server']) {
  test(`every golden message of the ${folder} is read`, async (t) => {
    const files = await golden(folder);
    t.check(files.length > 20, `${files.length} files`);
    for (const { name, hex, message } of files) t.equal(MessagePackReader.decode(unhex(hex)), withBytes(message), name);
  });

  test(`every golden message of the ${folder} is written so that another codec reads it`, async (t) => {
    for (const { name, message } of await golden(folder)) {
      const value = withBytes(message);
      t.equal(decodeIndependently(MessagePackWriter.encode(value)), value, name);
    }
  });
}

test('bytes that hold no message are refused', async (t) => {
  for (const { name, hex } of await golden('malformed')) {
    if (!REFUSED_BYTES.includes(name)) continue;
    let isRefused = false;
    try {
      MessagePackReader.decode(unhex(hex));
    } catch (error) {
      isRefused = error instanceof Error && error.name === 'MessagePackError';
    }
    t.check(isRefused, name);
  }
});

test('a message that is cut anywhere is refused and never read past its end', async (t) => {
  for (const { name, hex } of await golden('server')) {
    const bytes = unhex(hex);
    for (let length = 0; length < bytes.length; length += 1) {
      try {
        MessagePackReader.decode(bytes.slice(0, length));
        t.check(false, `${name} cut at ${length}`);
      } catch (error) {
        t.check(error instanceof Error && error.name === 'MessagePackError', `${name} cut at ${length}: ${error}`);
      }
    }
  }
});

test('numbers, texts and lists of every width go there and back', (t) => {
  const edges = [0, 1, 31, 32, 33, 127, 128, 255, 256, 65535, 65536, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1];
  const values = [
    ...edges,
    ...edges.map((n) => -n),
    0.5,
    -1e300,
    1 / 3,
    true,
    false,
    null,
    ...[0, 15, 16, 31, 32, 255, 256, 70000].flatMap((n) => [
      'é'.repeat(n),
      new Uint8Array(n),
      new Array(n).fill(7),
      Object.fromEntries(Array.from({ length: n }, (_, i) => [`k${i}`, i])),
    ]),
  ];
  for (const value of values) {
    const bytes = MessagePackWriter.encode(value);
    t.check(means(MessagePackReader.decode(bytes)) === means(value), `there and back: ${means(value).slice(0, 60)}`);
    t.check(
      means(MessagePackReader.decode(encodeIndependently(value))) === means(value),
      `from another: ${means(value).slice(0, 60)}`,
    );
  }
});

test('what has no place in a message is refused', (t) => {
  const deep = Array.from({ length: 40 }).reduce((/** @type {unknown} */ inner) => [inner], 1);
  for (const value of [NaN, Infinity, () => 1, new Date(), new Map(), deep, 1n]) {
    try {
      MessagePackWriter.encode({ value });
      t.check(false, `${String(value)} was written`);
    } catch (error) {
      t.equal(/** @type {Error} */ (error).name, 'MessagePackError');
    }
  }
});

test('a key that would change what objects inherit is only a key', (t) => {
  const value = /** @type {any} */ (
    MessagePackReader.decode(encodeIndependently(JSON.parse('{"__proto__": {"x": 1}}')))
  );
  t.equal(value.x, undefined);
  t.equal(Object.keys(value), ['__proto__']);
});

test('a digest of pieces is the digest of the whole', async (t) => {
  for (const n of [0, 1, 55, 56, 63, 64, 65, 119, 120, 1000, 100003]) {
    const bytes = Uint8Array.from({ length: n }, (_, i) => (i * 7 + i / 251) & 0xff);
    const wanted = Array.from(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)), (b) =>
      b.toString(16).padStart(2, '0'),
    ).join('');
    for (const step of [1, 13, 64, 4096]) {
      if (n / step > 2000) continue;
      const hash = new Sha256();
      for (let at = 0; at < n; at += step) hash.update(bytes.subarray(at, at + step));
      t.equal(hash.finish(), wanted, `${n} bytes in pieces of ${step}`);
    }
  }
});
