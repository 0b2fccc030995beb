import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort } from "../harness/free-port.ts";
import { measurePaired, ratio } from "../harness/paired.ts";
import type { Scenario } from "../harness/scenario.ts";

const MAIN = fileURLToPath(new URL("../../dist/src/main.js", import.meta.url));
const SERVER = JSON.parse(readFileSync(new URL("../../bin/server.json", import.meta.url), "utf8")) as {
  readonly flags: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
};
const BARE = fileURLToPath(new URL("../sides/bare-fastify.ts", import.meta.url));
const TARGET_MS = 500;

/** B12: from the start of the process to its first answer. */
export const start: Scenario = {
  id: "B12",
  title: "start to first answered request",
  description:
    "From the start of the process to the first 200 of `GET /api/health`: the built package on an empty data folder, the same on a folder with a home in it, and a bare Fastify with one route.",
  target: `under ${TARGET_MS / 1_000} s`,
  async run({ directory }) {
    const used = join(directory, "used");
    await timeToFirstAnswer([MAIN, "start", "--data", used]);
    const rows = await measurePaired(
      [
        { name: "bare Fastify", unit: "ms", measure: () => timeToFirstAnswer([BARE]) },
        {
          name: "millrace, empty folder",
          unit: "ms",
          measure: (round) => timeToFirstAnswer([MAIN, "start", "--data", join(directory, `empty-${round}`)]),
        },
        {
          name: "millrace, used folder",
          unit: "ms",
          measure: () => timeToFirstAnswer([MAIN, "start", "--data", used]),
        },
      ],
      { rounds: 9 },
    );
    const isMet = rows.every(({ value }) => value < TARGET_MS);
    return { rows, ratios: { "to a bare Fastify": ratio(rows, "millrace, used folder", "bare Fastify") }, met: isMet };
  },
};

/** Starts a server on a free port and gives the milliseconds until it answers; then ends it. */
async function timeToFirstAnswer(args: readonly string[]): Promise<number> {
  const port = await freePort();
  const isOurs = args[0] === MAIN;
  const portArgs = isOurs ? ["--port", String(port)] : [String(port)];
  const startedAt = performance.now();
  const child = spawn(process.execPath, [...(isOurs ? SERVER.flags : []), ...args, ...portArgs], {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, ...(isOurs ? SERVER.environment : {}), MILLRACE_LOG_LEVEL: "error" },
  });
  const ended = once(child, "exit");
  try {
    while (child.exitCode === null) {
      if (await answers(port)) return performance.now() - startedAt;
      await delay(2);
    }
    throw new Error(`the server ended with ${child.exitCode}`);
  } finally {
    child.kill("SIGTERM");
    await ended;
  }
}

async function answers(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/api/health`)).ok;
  } catch {
    return false;
  }
}
