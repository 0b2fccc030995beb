// What a course computes on a thread.
import { appendFileSync, writeSync } from "node:fs";

export interface CourseWork {
  readonly effects: string;
  readonly line: string;
  readonly token: string;
  /** Said before it computes for ever. Undefined: it gives its answer. */
  readonly halted?: string | undefined;
}

export function run({ effects, line, token, halted }: CourseWork): string {
  appendFileSync(effects, `${line}\n`);
  if (halted === undefined) return token;
  writeSync(1, `${halted}\n`);
  for (const never = new Int32Array(new SharedArrayBuffer(4)); ;) Atomics.wait(never, 0, 0);
}
