import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { systemClock } from "../../src/core/clock.ts";
import { openPostgresStore } from "../../src/store/postgres/open.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { RunRecord, StepRecord } from "../../src/store/store.ts";
import { silentLog } from "./engine-harness.ts";

/** For a machine that is busy with much else. */
const PATIENCE_MS = 60_000;
const PROGRAM = fileURLToPath(new URL("./journey.ts", import.meta.url));

export interface Child {
  readonly process: ChildProcess;
  /** Resolves when the child has said this line; rejects when it ends without having said it, or has not within a minute. */
  said(line: string): Promise<void>;
  /** Says a line to it. */
  tell(line: string): void;
  /** SIGKILL, and the wait until the kernel has cleaned up. */
  kill(): Promise<void>;
  /** Resolves with how it ended. */
  readonly gone: Promise<{ readonly code: number | null; readonly signal: string | null }>;
}

export interface ChildOrders {
  readonly haltAt?: string;
  readonly ms?: number;
  readonly start?: readonly string[];
  readonly isDurable?: boolean;
  /** Says nothing of what fails. */
  readonly isQuiet?: boolean;
}

/** A folder with data that processes work on, one after the other or side by side. */
export interface Ground {
  start(orders?: ChildOrders): Child;
  /** Where the data are. */
  readonly directory: string;
  /** How often the bodies of the steps did what, in all runs together. */
  effects(): Readonly<Record<string, number>>;
  /** The same, each with the id of its run in front. */
  effectsByRun(): Readonly<Record<string, number>>;
  /** The runs as they are stored, oldest first, with their steps. */
  stored(): Promise<readonly { readonly run: RunRecord; readonly steps: readonly StepRecord[] }[]>;
}

/** On SQLite, or on a Postgres database when its address is given. */
export async function withGround(body: (ground: Ground) => Promise<void>, database?: string): Promise<void> {
  const place = database === undefined ? {} : { database };
  const directory = await mkdtemp(join(tmpdir(), "millrace-crash-"));
  const effects = join(directory, "effects.txt");
  const children: Child[] = [];
  try {
    await body({
      directory,
      start(orders = {}) {
        const child = startChild(PROGRAM, { directory, effects, ...place, ...orders });
        children.push(child);
        return child;
      },
      effects: () => countLines(effects, (line) => line.slice(line.indexOf(" ") + 1)),
      effectsByRun: () => countLines(effects, (line) => line),
      stored: () => readStored(directory, database),
    });
  } finally {
    await Promise.all(children.map((child) => child.kill()));
    await rm(directory, { recursive: true, force: true });
  }
}

/** Starts a program of these tests with its orders, and hears what it says line by line. */
export function startChild(program: string, orders: object, environment: Readonly<Record<string, string>> = {}): Child {
  const child = spawn(process.execPath, ["--conditions=millrace-source", program, JSON.stringify(orders)], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, ...environment },
  });
  // It may be killed while it is told something.
  child.stdin.on("error", () => undefined);
  const lines = new Set<string>();
  const waiting = new Map<string, PromiseWithResolvers<void>>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.add(line);
    waiting.get(line)?.resolve();
  });
  const gone = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.on("close", (code, signal) => {
      for (const [line, { reject }] of waiting) {
        if (!lines.has(line)) reject(new Error(`The child ended (${signal ?? code}) without saying "${line}".`));
      }
      resolve({ code, signal });
    });
  });
  return {
    process: child,
    gone,
    said(line) {
      if (lines.has(line)) return Promise.resolve();
      const heard = waiting.get(line) ?? Promise.withResolvers<void>();
      waiting.set(line, heard);
      const patience = setTimeout(() => {
        heard.reject(new Error(`The child did not say "${line}" in time; it said: ${[...lines].join(", ")}.`));
      }, PATIENCE_MS);
      patience.unref();
      return heard.promise.finally(() => clearTimeout(patience));
    },
    tell: (line) => void child.stdin.write(`${line}\n`),
    async kill() {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
      await gone;
    },
  };
}

function countLines(path: string, toKey: (line: string) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  if (!existsSync(path)) return counts;
  for (const line of readFileSync(path, "utf8").trimEnd().split("\n")) {
    counts[toKey(line)] = (counts[toKey(line)] ?? 0) + 1;
  }
  return counts;
}

export async function readStored(
  directory: string,
  url: string | undefined,
): Promise<{ run: RunRecord; steps: readonly StepRecord[] }[]> {
  const options = { clock: systemClock, log: silentLog };
  const store =
    url === undefined
      ? await openSqliteStore({ directory, ...options })
      : await openPostgresStore({ url, ...options, min: 0, max: 4 });
  try {
    const { runs } = await store.runs.list({ limit: 200 });
    return await Promise.all(runs.toReversed().map(async (run) => ({ run, steps: await store.runs.steps(run.id) })));
  } finally {
    await store.close();
  }
}
