import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../../test/free-port.ts";

/** A Redis server of a test's own, on a free port of this machine. */
export interface TestRedis {
  readonly url: string;
  readonly port: number;
  /** Kills it at once, without a farewell. */
  kill(): Promise<void>;
  /** Starts it again on the same port, empty unless it was to keep its data. */
  start(): Promise<void>;
  /** Stops the process in its tracks; connections stay open. */
  pause(): void;
  resume(): void;
  close(): Promise<void>;
}

/** Undefined, with a reason to print, when there is no server to start. Throws instead where tests may not be left out. */
export function missingRedis(path: string, isRequired: boolean): string | undefined {
  if (existsSync(path)) return undefined;
  const reason = `there is no redis-server at ${path}; set MILLRACE_REDIS_SERVER`;
  if (isRequired) throw new Error(reason);
  return reason;
}

export async function startTestRedis(path: string, options: readonly string[] = []): Promise<TestRedis> {
  const directory = await mkdtemp(join(tmpdir(), "millrace-redis-"));
  const port = await freePort();
  let child: ChildProcess | undefined;

  async function start(): Promise<void> {
    const args = ["--port", `${port}`, "--bind", "127.0.0.1", "--dir", directory, "--save", "", "--appendonly", "no"];
    const started = spawn(path, [...args, ...options], { stdio: ["ignore", "pipe", "inherit"] });
    child = started;
    for await (const chunk of started.stdout) if (String(chunk).includes("Ready to accept connections")) break;
    started.stdout.resume();
  }
  async function kill(): Promise<void> {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }

  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    kill,
    start,
    pause: () => void child?.kill("SIGSTOP"),
    resume: () => void child?.kill("SIGCONT"),
    async close() {
      await kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
