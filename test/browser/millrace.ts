import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { freePort } from "../free-port.ts";

const LONGEST_LOG = 4_000;
const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** A running `millrace start` on data of its own. */
export interface Millrace extends AsyncDisposable {
  readonly url: string;
  /** Reads a resource of its API. */
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body?: unknown): Promise<T>;
  /** Ends the process as Ctrl+C does; the data stays until the end. */
  stop(): Promise<void>;
  /** Ends the process as the kernel does, in the middle of whatever it does. */
  kill(): Promise<void>;
  /** Starts it again, on the same port and data. */
  restart(): Promise<void>;
}

/** Starts Millrace as a user would, with nothing configured but what `environment` says. */
export async function startMillrace(environment: Readonly<Record<string, string>> = {}): Promise<Millrace> {
  if (!existsSync(join(ROOT, "dist", "dashboard", "index.html"))) {
    throw new Error("The dashboard is not built: run `npm run build` first.");
  }
  const data = await mkdtemp(join(tmpdir(), "millrace-browser-"));
  const port = `${await freePort()}`;
  let child = launch({ port, data, environment });
  const url = await announced(child);

  async function request<T>(path: string, init?: RequestInit): Promise<T> {
    const response = await fetch(url + path, init);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  async function end(signal: "SIGINT" | "SIGKILL"): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, "exit");
    child.kill(signal);
    await exit;
  }
  const stop = () => end("SIGINT");

  return {
    url,
    get: (path) => request(path),
    post: (path, body = {}) =>
      request(path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
    stop,
    kill: () => end("SIGKILL"),
    async restart() {
      child = launch({ port, data, environment });
      await announced(child);
    },
    async [Symbol.asyncDispose]() {
      await stop();
      await rm(data, { recursive: true, force: true });
    },
  };
}

interface LaunchOptions {
  readonly port: string;
  readonly data: string;
  readonly environment: Readonly<Record<string, string>>;
}

function launch({ port, data, environment }: LaunchOptions): ChildProcess {
  return spawn(
    process.execPath,
    ["--conditions=millrace-source", join(ROOT, "src", "main.ts"), "start", "--port", port, "--data", data, "--json"],
    // In a folder without a configuration file, and without what the machine has configured.
    { cwd: data, env: { PATH: process.env["PATH"] ?? "", ...environment }, stdio: ["ignore", "pipe", "pipe"] },
  );
}

/** The address in the line that `--json` prints. */
async function announced(child: ChildProcess): Promise<string> {
  if (child.stdout === null || child.stderr === null) throw new Error("The output of Millrace is not piped.");
  let log = "";
  child.stderr.on("data", (chunk: Buffer) => (log = (log + chunk.toString()).slice(-LONGEST_LOG)));
  for await (const line of createInterface({ input: child.stdout })) {
    const said = JSON.parse(line) as { readonly url?: string };
    if (said.url !== undefined) {
      child.stdout.resume();
      return said.url;
    }
  }
  throw new Error(`Millrace ended before it answered. ${log}`);
}

interface Listed {
  readonly total: number;
}

/** Waits until the first daily run has stored its suggestions, and has ended: what it tells the pages comes before all that a test does. */
export async function waitForSuggestions(millrace: Millrace): Promise<void> {
  const deadline = AbortSignal.timeout(120_000);
  while (!deadline.aborted) {
    const { total } = await millrace.get<Listed>("/api/home/suggestions?limit=1");
    const done = await millrace.get<Listed>("/api/runs?status=done&limit=1");
    if (total > 0 && done.total > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("There were no suggestions within two minutes.");
}
