import { foldUnicode } from "../text/tokens.ts";
import type { Embedder } from "./embedder.ts";

const DIMENSIONS = 512;
const SHORTEST = 3;
const LONGEST = 5;

/**
 * Creates the embedder that needs nothing: character n-grams of 3 to 5 letters, hashed to 512 dimensions. It knows no meaning, so it only
 * finds questions of much the same words, in any language.
 */
export function createHashEmbedder(): Embedder {
  return {
    id: "hash512@1",
    dimensions: DIMENSIONS,
    threshold: 0.25,
    mode: "strict",
    embed: async (texts) => texts.map(toVector),
  };
}

function toVector(text: string): Float32Array {
  const vector = new Float32Array(DIMENSIONS);
  const letters = ` ${foldUnicode(text)
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, " ")
    .trim()} `;
  for (let start = 0; start < letters.length; start++) {
    let hash = 0x811c9dc5;
    for (let length = 1; length <= LONGEST && start + length <= letters.length; length++) {
      hash = Math.imul(hash ^ letters.charCodeAt(start + length - 1), 0x01000193);
      if (length < SHORTEST) continue;
      const mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
      const at = (mixed >>> 8) % DIMENSIONS;
      vector[at] = (vector[at] ?? 0) + ((mixed & 1) === 0 ? 1 : -1);
    }
  }
  return vector;
}
