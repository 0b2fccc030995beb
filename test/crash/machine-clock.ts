import { renameSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const SHIFTED_DATE = fileURLToPath(new URL("./shifted-date.mjs", import.meta.url));

/** The clock of a machine that a test sets while processes live on it. What measures durations goes on as it went. */
export interface MachineClock {
  /** For the processes that are to live by it: a Date of our own on each of their threads, whoever asks for the time. */
  readonly environment: Readonly<Record<string, string>>;
  /** What it says now, in milliseconds since the epoch. */
  now(): number;
  set(to: number): void;
}

/** Keeps the clock in a file that nothing else uses. */
export function createMachineClock(path: string, at: number): MachineClock {
  let offsetMs = 0;
  function set(to: number): void {
    offsetMs = to - Date.now();
    writeFileSync(`${path}.new`, String(offsetMs));
    renameSync(`${path}.new`, path);
  }
  set(at);
  return {
    environment: { MILLRACE_TEST_CLOCK: path, NODE_OPTIONS: `--import=${SHIFTED_DATE}` },
    now: () => Date.now() + offsetMs,
    set,
  };
}
