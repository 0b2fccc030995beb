import { assemble, I32, op, V128, type WasmFunction } from "./wasm-assembler.ts";
import { wasm, type WasmMemory } from "./web-assembly.ts";

/* Two loops in WebAssembly SIMD, assembled here so that nothing has to be compiled or downloaded:
   dots(query16, rows, end, bytesPerRow, scores): the dot product of a query in 16-bit and every row in 8-bit integers;
   hamming(query, rows, end, bytesPerRow, scores): how many bits differ, 128 at a time. Sizes are multiples of 16 bytes. */

export interface ScanKernel {
  dots(query: number, rows: number, end: number, rowBytes: number, scores: number): void;
  hamming(query: number, rows: number, end: number, rowBytes: number, scores: number): void;
}

const [QUERY, ROWS, END, ROW_BYTES, SCORES, Q, ROW_END, SUM, OTHER] = [0, 1, 2, 3, 4, 5, 6, 7, 8];

const increase = (local: number, by: readonly number[]): number[] => [
  ...op.get(local),
  ...by,
  ...op.add,
  ...op.set(local),
];
const lanesSummed = (local: number): number[] =>
  [0, 1, 2, 3].flatMap((index) => op.get(local).concat(op.lane(index), index > 0 ? op.add : []));

/** For each row: both accumulators to zero, the body for 16 bytes at a time, their sum to the scores. */
function scan(name: string, queryStep: number, body: readonly number[]): WasmFunction {
  return {
    name,
    parameters: 5,
    locals: [
      [2, I32],
      [2, V128],
    ],
    code: [
      op.loop,
      op.v128Zero,
      op.set(SUM),
      op.v128Zero,
      op.set(OTHER),
      op.get(QUERY),
      op.set(Q),
      op.get(ROWS),
      op.get(ROW_BYTES),
      op.add,
      op.set(ROW_END),
      op.loop,
      body,
      increase(Q, op.const(queryStep)),
      increase(ROWS, op.const(16)),
      op.get(ROWS),
      op.get(ROW_END),
      op.ltU,
      op.branchIf(0),
      op.end,
      op.get(SCORES),
      op.get(SUM),
      op.get(OTHER),
      op.addI32x4,
      op.set(SUM),
      lanesSummed(SUM),
      op.store,
      increase(SCORES, op.const(4)),
      op.get(ROWS),
      op.get(END),
      op.ltU,
      op.branchIf(0),
      op.end,
    ],
  };
}

const dotHalf = (sum: number, rowOffset: number, queryOffset: number): number[] => [
  ...op.get(sum),
  ...op.get(ROWS),
  ...op.load8x8s(rowOffset),
  ...op.get(Q),
  ...op.v128Load(queryOffset),
  ...op.dot,
  ...op.addI32x4,
  ...op.set(sum),
];

const DOTS = scan("dots", 32, [...dotHalf(SUM, 0, 0), ...dotHalf(OTHER, 8, 16)]);
const HAMMING = scan("hamming", 16, [
  ...op.get(SUM),
  ...op.get(ROWS),
  ...op.v128Load(0),
  ...op.get(Q),
  ...op.v128Load(0),
  ...op.xor,
  ...op.popcnt,
  ...op.pairwiseI16U,
  ...op.pairwiseI32U,
  ...op.addI32x4,
  ...op.set(SUM),
]);

export const KERNEL_BYTES = assemble([DOTS, HAMMING]);

let compiled: object | undefined;

/** The kernel over a memory; undefined on a machine without SIMD, where the same is done in JavaScript. */
export function openKernel(memory: WasmMemory): ScanKernel | undefined {
  try {
    compiled ??= new wasm.Module(KERNEL_BYTES);
    return new wasm.Instance(compiled, { m: { m: memory } }).exports as ScanKernel;
  } catch {
    return undefined;
  }
}
