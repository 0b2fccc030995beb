import { openKernel, type ScanKernel } from "./scan-kernel.ts";
import { wasm } from "./web-assembly.ts";

/** A row found, with the cosine of its vector and the query. */
export interface Found {
  readonly row: number;
  readonly similarity: number;
}

export interface VectorIndexOptions {
  readonly dimensions: number;
  /** From how many rows on signs are compared first and only the nearest are scored. Default: those of 20 MB, 52,000 at 384 dimensions, which take about 4 ms. */
  readonly prefilterAbove?: number;
  /** False: JavaScript alone. Default true. */
  readonly useWasm?: boolean;
}

/** Vectors of one partition, in rows from 0 to `size - 1`. Whoever owns it keeps the meaning of the rows beside. */
export interface VectorIndex {
  readonly size: number;
  readonly bytes: number;
  /** Adds a normalised vector as the last row. */
  add(vector: Int8Array): void;
  /** Removes a row; the last one takes its place. */
  swapDelete(row: number): void;
  row(row: number): Int8Array;
  /** The nearest rows, best first. */
  search(query: Int8Array, count: number): Found[];
}

/** The scale of all vectors: 127 for 1. */
const SCALE = 127;
const PAGE = 65_536;
/** Below so many rows a WebAssembly memory of its own is not worth its pages. */
const WASM_FROM = 256;
const EXACT_BYTES = 20_000_000;
const RESCORED = 400;
/** Vectors of more dimensions are not expected. */
const MOST_BITS = 65_535;
/** Sixteen rows more than asked for at first; then it doubles. */
const FIRST_ROWS = 16;

/** Normalises a vector and brings it to bytes, padded with zeros to a multiple of 16. A vector of zeros stays one. */
export function quantize(vector: ArrayLike<number>): Int8Array {
  let squares = 0;
  for (let index = 0; index < vector.length; index++) squares += (vector[index] ?? 0) ** 2;
  const factor = squares > 0 ? 1 / Math.sqrt(squares) : 0;
  // Most components of a long vector are small: spread them over the byte, and let the rare large one be cut.
  const spread = spreadOf(vector.length);
  const bytes = new Int8Array(padded(vector.length));
  for (let index = 0; index < vector.length; index++) {
    const value = Math.round((vector[index] ?? 0) * factor * spread);
    bytes[index] = Math.max(-SCALE, Math.min(SCALE, value));
  }
  return bytes;
}

function spreadOf(dimensions: number): number {
  return SCALE * Math.max(1, Math.sqrt(dimensions) / 8);
}

function padded(dimensions: number): number {
  return Math.ceil(dimensions / 16) * 16;
}

/** Creates an empty index: exact 8-bit scan, in WebAssembly SIMD where there are enough rows; on very many rows signs are compared first. */
export function createVectorIndex({
  dimensions,
  prefilterAbove = Math.floor(EXACT_BYTES / padded(dimensions)),
  useWasm = true,
}: VectorIndexOptions): VectorIndex {
  const rowBytes = padded(dimensions);
  const signBytes = Math.ceil(rowBytes / 128) * 16;
  let size = 0;
  let rows = new Int8Array(FIRST_ROWS * rowBytes);
  let norms = new Float32Array(FIRST_ROWS);
  let signs: Uint8Array | undefined;
  let scanner: Scanner | undefined;

  const grow = (): void => {
    const capacity = norms.length * 2;
    const old = rows;
    scanner = useWasm && capacity > WASM_FROM ? openScanner(capacity, rowBytes, signBytes) : undefined;
    rows = scanner?.rows ?? new Int8Array(capacity * rowBytes);
    rows.set(old.subarray(0, size * rowBytes));
    norms = extended(norms, capacity);
    if (signs !== undefined) fillSigns();
  };
  const fillSigns = (): void => {
    signs = scanner?.signs ?? new Uint8Array(norms.length * signBytes);
    for (let row = 0; row < size; row++) writeSigns(signs, row * signBytes, rowAt(row));
  };
  const rowAt = (row: number): Int8Array => rows.subarray(row * rowBytes, (row + 1) * rowBytes);

  const scores = (query: Int8Array): Int32Array => {
    if (scanner !== undefined) return scanner.dots(query, size);
    const found = new Int32Array(size);
    for (let row = 0; row < size; row++) found[row] = dot(query, rows, row * rowBytes);
    return found;
  };
  const nearestBySigns = (query: Int8Array, count: number): number[] => {
    if (signs === undefined) fillSigns();
    const own = new Uint8Array(signBytes);
    writeSigns(own, 0, query);
    const distances = scanner?.hamming(own, size) ?? hammingAll(own, signs ?? own, size, signBytes);
    return smallest(distances, size, count);
  };

  return {
    get size() {
      return size;
    },
    get bytes() {
      return norms.length * (rowBytes + 4 + (signs === undefined ? 0 : signBytes));
    },
    add(vector) {
      if (size === norms.length) grow();
      rows.set(vector, size * rowBytes);
      norms[size] = normOf(vector);
      if (signs !== undefined) writeSigns(signs, size * signBytes, vector);
      size++;
    },
    swapDelete(row) {
      size--;
      if (row === size) return;
      rows.copyWithin(row * rowBytes, size * rowBytes, (size + 1) * rowBytes);
      norms[row] = norms[size] ?? 0;
      signs?.copyWithin(row * signBytes, size * signBytes, (size + 1) * signBytes);
    },
    row: (row) => rowAt(row).slice(),
    search(query, count) {
      if (size === 0) return [];
      const norm = normOf(query);
      if (size > prefilterAbove) {
        const near = nearestBySigns(query, Math.max(RESCORED, count));
        return best(
          near.map((row) => ({ row, similarity: dot(query, rows, row * rowBytes) / (norm * (norms[row] ?? 1) || 1) })),
          count,
        );
      }
      return topRows(scores(query), norms, size, norm, count);
    },
  };
}

interface Scanner {
  readonly rows: Int8Array<ArrayBuffer>;
  readonly signs: Uint8Array<ArrayBuffer>;
  dots(query: Int8Array, size: number): Int32Array;
  hamming(query: Uint8Array, size: number): Int32Array;
}

/** Lays out one memory: query, scores, rows, and the signs at its end, which cost nothing until they are written. */
function openScanner(capacity: number, rowBytes: number, signBytes: number): Scanner | undefined {
  const scoresAt = rowBytes * 2;
  const rowsAt = scoresAt + capacity * 4;
  const signsAt = rowsAt + capacity * rowBytes;
  const pages = Math.ceil((signsAt + capacity * signBytes) / PAGE);
  const memory = new wasm.Memory({ initial: pages, maximum: pages });
  const kernel: ScanKernel | undefined = openKernel(memory);
  if (kernel === undefined) return undefined;
  const { buffer } = memory;
  const scores = new Int32Array(buffer, scoresAt, capacity);
  return {
    rows: new Int8Array(buffer, rowsAt, capacity * rowBytes),
    signs: new Uint8Array(buffer, signsAt, capacity * signBytes),
    dots(query, size) {
      new Int16Array(buffer, 0, rowBytes).set(query);
      kernel.dots(0, rowsAt, rowsAt + size * rowBytes, rowBytes, scoresAt);
      return scores;
    },
    hamming(query, size) {
      new Uint8Array(buffer, 0, signBytes).set(query);
      kernel.hamming(0, signsAt, signsAt + size * signBytes, signBytes, scoresAt);
      return scores;
    },
  };
}

function dot(query: Int8Array, rows: Int8Array, at: number): number {
  let sum = 0;
  for (let index = 0; index < query.length; index++) sum += (query[index] ?? 0) * (rows[at + index] ?? 0);
  return sum;
}

function normOf(vector: Int8Array): number {
  return Math.sqrt(dot(vector, vector, 0));
}

function writeSigns(signs: Uint8Array, at: number, vector: Int8Array): void {
  for (let byte = 0; byte * 8 < vector.length; byte++) {
    let bits = 0;
    for (let bit = 0; bit < 8; bit++) if ((vector[byte * 8 + bit] ?? 0) > 0) bits |= 1 << bit;
    signs[at + byte] = bits;
  }
}

const BITS = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll("0", "").length);

function hammingAll(query: Uint8Array, signs: Uint8Array, size: number, signBytes: number): Int32Array {
  const distances = new Int32Array(size);
  for (let row = 0; row < size; row++) {
    let sum = 0;
    for (let byte = 0; byte < signBytes; byte++)
      sum += BITS[(query[byte] ?? 0) ^ (signs[row * signBytes + byte] ?? 0)] ?? 0;
    distances[row] = sum;
  }
  return distances;
}

/** Rows of the smallest distances, by counting: distances are small integers. */
function smallest(distances: Int32Array, size: number, count: number): number[] {
  const counts = new Uint32Array(MOST_BITS + 1);
  for (let row = 0; row < size; row++)
    counts[distances[row] ?? MOST_BITS] = (counts[distances[row] ?? MOST_BITS] ?? 0) + 1;
  let limit = 0;
  for (let sum = counts[0] ?? 0; sum < count && limit < MOST_BITS; sum += counts[limit] ?? 0) limit++;
  const rows: number[] = [];
  for (let row = 0; row < size; row++) if ((distances[row] ?? MOST_BITS) <= limit) rows.push(row);
  return rows;
}

function topRows(scores: ArrayLike<number>, norms: Float32Array, size: number, norm: number, count: number): Found[] {
  const rows: number[] = [];
  const values: number[] = [];
  let least = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < size; row++) {
    const value = (scores[row] ?? 0) / (norms[row] ?? 1);
    if (!(value > least)) continue;
    let at = values.length;
    while (at > 0 && (values[at - 1] ?? 0) < value) at--;
    values.splice(at, 0, value);
    rows.splice(at, 0, row);
    if (values.length > count) {
      values.pop();
      rows.pop();
    }
    if (values.length === count) least = values.at(-1) ?? least;
  }
  return rows.map((row, index) => ({ row, similarity: clamp((values[index] ?? 0) / (norm || 1)) }));
}

function best(found: readonly Found[], count: number): Found[] {
  return found.toSorted((a, b) => b.similarity - a.similarity).slice(0, count);
}

function clamp(similarity: number): number {
  return Math.max(-1, Math.min(1, similarity));
}

function extended(values: Float32Array<ArrayBuffer>, length: number): Float32Array<ArrayBuffer> {
  const longer = new Float32Array(length);
  longer.set(values);
  return longer;
}
