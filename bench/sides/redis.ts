import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync } from "node:fs";
import { freePort } from "../harness/free-port.ts";

const REDIS = process.env["MILLRACE_REDIS_SERVER"] ?? "/usr/bin/redis-server";

/** A server for a benchmark. */
export interface BenchRedis {
  readonly port: number;
  close(): Promise<void>;
}

/** Starts the machine's Redis on a free port of the loopback, with its files in this folder and what else its command line is given. */
export async function openBenchRedis(directory: string, settings: readonly string[]): Promise<BenchRedis> {
  if (!existsSync(REDIS)) throw new Error(`there is no redis-server at ${REDIS}; set MILLRACE_REDIS_SERVER`);
  mkdirSync(directory, { recursive: true });
  const port = await freePort();
  const args = ["--port", `${port}`, "--bind", "127.0.0.1", "--dir", directory, ...settings];
  const server = spawn(REDIS, args, { stdio: ["ignore", "pipe", "inherit"] });
  for await (const chunk of server.stdout) if (String(chunk).includes("Ready to accept")) break;
  server.stdout.resume();
  return {
    port,
    async close() {
      const gone = once(server, "exit");
      server.kill("SIGKILL");
      await gone;
    },
  };
}
