// @ts-check
// SHA-256 of a file that memory need not hold (FIPS 180-4); the browser's own digest takes whole buffers alone.
const PIECE = 1 << 20;
const PRIMES = /** @type {number[]} */ ([]);
for (let number = 2; PRIMES.length < 64; number += 1) if (PRIMES.every((prime) => number % prime)) PRIMES.push(number);
/** The first 32 bits behind the point. */
const [CUBES, SQUARES] = [Math.cbrt, Math.sqrt].map((root) => PRIMES.map((prime) => (root(prime) * 2 ** 32) | 0));

/** @param {Blob} file @param {AbortSignal} signal @returns {Promise<string>} */
export async function sha256(file, signal) {
  // Whole blocks: after the file a bit that ends it, zeros, and how many bits it has.
  const end = new DataView(new ArrayBuffer(72 - ((file.size + 8) % 64)));
  end.setUint8(0, 128);
  end.setBigUint64(end.byteLength - 8, BigInt(file.size * 8));
  const blocks = new Blob([file, end]);
  const state = SQUARES.slice(0, 8);
  for (let at = 0; at < blocks.size; at += PIECE) {
    signal.throwIfAborted();
    absorb(state, new DataView(await blocks.slice(at, at + PIECE).arrayBuffer()));
  }
  return state.map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}

/** A word turned to the right by each of these, together. @param {number} word @param {number} one @param {number} two @param {number} three */
function turned(word, one, two, three) {
  return ((word >>> one) | (word << (32 - one))) ^ ((word >>> two) | (word << (32 - two))) ^ ((word >>> three) | (word << (32 - three)));
}

/** @param {number[]} state @param {DataView} view whole blocks of 64 bytes */
function absorb(state, view) {
  const words = new Int32Array(64);
  for (let at = 0; at < view.byteLength; at += 64) {
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i += 1) {
      const [far, near] = [words[(i + 49) % 64], words[(i + 62) % 64]];
      words[i] = i < 16 ? view.getInt32(at + 4 * i)
        : words[i - 16] + words[i - 7] + (turned(far, 7, 18, 3) ^ (far << 29)) + (turned(near, 17, 19, 10) ^ (near << 22));
      const first = h + turned(e, 6, 11, 25) + ((e & f) ^ (~e & g)) + CUBES[i] + words[i];
      const second = turned(a, 2, 13, 22) + ((a & b) ^ (a & c) ^ (b & c));
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((word, i) => { state[i] = (state[i] + word) | 0; });
  }
}
