const SHORTEST = 3;
const LONGEST = 5;
/** How many places of the vector each run of letters moves: some of them lie in what a shortened vector keeps. */
const PLACES = 8;

/**
 * Embeds a text by its runs of 3 to 5 letters, hashed to signed places: much the same words, much the same vector. The length is 1; a
 * shortened vector is the beginning of the whole one, made to length 1 again.
 */
export function embed(
  text: string,
  { whole, dimensions }: { readonly whole: number; readonly dimensions: number },
): Float32Array {
  const vector = new Float32Array(whole);
  const letters = ` ${text
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, " ")
    .trim()} `;
  for (let start = 0; start + SHORTEST <= letters.length; start++) {
    let hash = 0x811c9dc5;
    for (let length = 1; length <= LONGEST && start + length <= letters.length; length++) {
      hash = Math.imul(hash ^ letters.charCodeAt(start + length - 1), 0x01000193);
      if (length >= SHORTEST) move(vector, hash);
    }
  }
  return normalize(vector.subarray(0, dimensions));
}

function move(vector: Float32Array, hash: number): void {
  let mixed = hash;
  for (let place = 0; place < PLACES; place++) {
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d) + place;
    const at = (mixed >>> 8) % vector.length;
    vector[at] = (vector[at] ?? 0) + ((mixed & 1) === 0 ? 1 : -1);
  }
}

function normalize(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  return length === 0 ? vector.with(0, 1) : vector.map((value) => value / length);
}
