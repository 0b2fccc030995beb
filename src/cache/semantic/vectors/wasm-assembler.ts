/* The little of the WebAssembly binary format (core 2.0 with fixed-width SIMD) that the scan kernel needs. */

/** Unsigned LEB128. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? low + 128 : low);
  } while (rest > 0);
  return bytes;
}

/** Signed LEB128 of a number within 32 bits. */
function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const low = rest & 127;
    rest >>= 7;
    const isDone = (rest === 0 && (low & 64) === 0) || (rest === -1 && (low & 64) !== 0);
    bytes.push(isDone ? low : low | 128);
    if (isDone) return bytes;
  }
}

type Code = readonly (number | readonly number[])[];

const VOID = 0x40;
const MAGIC_AND_VERSION = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
export const I32 = 0x7f;
export const V128 = 0x7b;

const simd = (opcode: number): number[] => [0xfd, ...unsigned(opcode)];
const memory = (offset: number): number[] => [0, ...unsigned(offset)];

/** Instructions, named after the text format. */
export const op = {
  get: (local: number): number[] => [0x20, local],
  set: (local: number): number[] => [0x21, local],
  const: (value: number): number[] => [0x41, ...signed(value)],
  add: [0x6a],
  ltU: [0x49],
  store: [0x36, 2, 0],
  block: [0x02, VOID],
  loop: [0x03, VOID],
  branchIf: (depth: number): number[] => [0x0d, depth],
  end: [0x0b],
  v128Load: (offset: number): number[] => [...simd(0x00), ...memory(offset)],
  load8x8s: (offset: number): number[] => [...simd(0x01), ...memory(offset)],
  v128Zero: [...simd(0x0c), ...Array.from({ length: 16 }, () => 0)],
  xor: simd(0x51),
  popcnt: simd(0x62),
  pairwiseI16U: simd(0x7d),
  pairwiseI32U: simd(0x7f),
  dot: simd(0xba),
  addI32x4: simd(0xae),
  lane: (index: number): number[] => [...simd(0x1b), index],
} as const;

export interface WasmFunction {
  readonly name: string;
  /** Number of i32 parameters; the function gives nothing back. */
  readonly parameters: number;
  readonly locals: readonly (readonly [count: number, type: number])[];
  readonly code: Code;
}

/** A module that imports its memory as `m.m` and exports the functions. */
export function assemble(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const text = (value: string): number[] => vector([...new TextEncoder().encode(value)]);
  const types = functions.map(({ parameters }) => [0x60, ...vector(Array.from({ length: parameters }, () => I32)), 0]);
  const bodies = functions.map(({ locals, code }) => {
    const body = [...list(locals.map(([count, type]) => [...unsigned(count), type])), ...code.flat(), ...op.end];
    return [...unsigned(body.length), ...body];
  });
  return Uint8Array.from([
    ...MAGIC_AND_VERSION,
    ...section(1, list(types)),
    ...section(2, list([[...text("m"), ...text("m"), 0x02, 0x00, 0x01]])),
    ...section(3, list(functions.map((_, index) => [index]))),
    ...section(7, list(functions.map(({ name }, index) => [...text(name), 0x00, index]))),
    ...section(10, list(bodies)),
  ]);
}

function vector(bytes: readonly number[]): number[] {
  return [...unsigned(bytes.length), ...bytes];
}

function list(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...vector(content)];
}
