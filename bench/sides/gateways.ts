import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { freePort } from "../harness/free-port.ts";
import { peerFolder } from "../harness/peers.ts";
import type { Load, LoadReport } from "./load.ts";

const run = promisify(execFile);
const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const LOAD = fileURLToPath(new URL("./load.ts", import.meta.url));
const BARE_PROXY = fileURLToPath(new URL("./bare-proxy.ts", import.meta.url));
const FROM_SOURCE = "--conditions=millrace-source";

/** For `chrt`, of util-linux. */
const FIRST = ["--fifo", "-p", "1"];

/** A program of its own that answers HTTP. */
export interface Program extends AsyncDisposable {
  readonly port: number;
  /** Milliseconds of CPU since its start. */
  cpuMs(): number;
  /** Bytes of memory that it holds now. */
  residentBytes(): number;
  /** Goes before all else that runs on the machine, where the machine lets it; or not any longer. Gives whether it was let. */
  goFirst(isFirst: boolean): Promise<boolean>;
}

interface StartOptions {
  /** Default: Node. */
  readonly command?: string;
  readonly port: number;
  /** Answers once it has started. */
  readonly path: string;
  /** Besides the path and what makes Node quick. */
  readonly env?: Readonly<Record<string, string>>;
}

async function startProgram(args: readonly string[], options: StartOptions): Promise<Program> {
  const child: ChildProcess = spawn(options.command ?? process.execPath, args, {
    stdio: ["ignore", "ignore", "inherit"],
    env: { PATH: process.env["PATH"], NODE_ENV: "production", MILLRACE_LOG_LEVEL: "error", ...options.env },
  });
  const { port, path } = options;
  for (let tries = 0; !(await answers(port, path)); tries++) {
    if (tries > 600 || child.exitCode !== null) throw new Error(`${args.join(" ")} does not answer`);
    await delay(100);
  }
  const procOf = (file: string): string => readFileSync(`/proc/${child.pid}/${file}`, "utf8");
  const program: Program = {
    port,
    cpuMs() {
      // Ticks of 10 ms; the name in brackets may hold anything.
      const [user, system] = procOf("stat").split(") ")[1]?.split(" ").slice(11, 13).map(Number) ?? [];
      return ((user ?? 0) + (system ?? 0)) * 10;
    },
    goFirst: (isFirst) =>
      run("chrt", ["-a", ...(isFirst ? FIRST : ["--other", "-p", "0"]), String(child.pid)]).then(
        () => true,
        () => false,
      ),
    residentBytes: () => Number(/VmRSS:\s+(\d+)/.exec(procOf("status"))?.[1]) * 1_024,
    async [Symbol.asyncDispose]() {
      const ended = once(child, "exit");
      child.kill();
      await ended;
    },
  };
  return program;
}

async function answers(port: number, path: string): Promise<boolean> {
  return await fetch(`http://127.0.0.1:${port}${path}`).then(
    async (response) => (await response.arrayBuffer()).byteLength >= 0,
    () => false,
  );
}

/** The simulator with fixed answers, each after so many milliseconds. */
export async function startUpstream(latencyMs: number): Promise<Program> {
  const port = await freePort();
  const args = ["demo", "provider", "--instant", "--latency", `${latencyMs}ms`, "--port", String(port)];
  return await startProgram([FROM_SOURCE, MAIN, ...args], { port, path: "/_simulator/health" });
}

/** The simulator with the failover tests' models, at their fast timings. */
export async function startFaulty(): Promise<Program> {
  const port = await freePort();
  const args = ["demo", "provider", "--timings", "fast", "--port", String(port)];
  return await startProgram([FROM_SOURCE, MAIN, ...args], { port, path: "/_simulator/health" });
}

/** Millrace as `millrace start` runs it, with providers by name, each at a port, and a section `calls`. */
export async function startMillrace(
  directory: string,
  providers: Readonly<Record<string, number>>,
  calls: object,
): Promise<Program> {
  const port = await freePort();
  const config = join(directory, `millrace-${port}.config.ts`);
  const entries = Object.entries(providers).map(([name, at]) => [
    name,
    { kind: "openai-compatible", apiKey: "x", baseUrl: `http://127.0.0.1:${at}/v1` },
  ]);
  writeFileSync(config, `export default ${JSON.stringify({ providers: Object.fromEntries(entries), calls })};\n`);
  const args = ["start", "--config", config, "--data", join(directory, `data-${port}`), "--port", String(port)];
  const program = await startProgram([FROM_SOURCE, MAIN, ...args], { port, path: "/api/health" });
  // With nothing configured it reads a sample home first and runs its daily job; only then it is at rest.
  while (!(await isAtRest(port))) await delay(200);
  return program;
}

async function isAtRest(port: number): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}/api/runs`);
  const { items } = (await response.json()) as { readonly items: readonly { readonly status: string }[] };
  return items.length > 0 && items.every(({ status }) => status === "done");
}

/** Portkey's gateway as its README starts it. */
export async function startPortkey(): Promise<Program> {
  const port = await freePort();
  const script = join(peerFolder(), "node_modules/@portkey-ai/gateway/build/start-server.js");
  return await startProgram([script, `--port=${port}`, "--headless"], { port, path: "/" });
}

/** The least that a gateway on Node can be. */
export async function startBareProxy(upstream: Program): Promise<Program> {
  const port = await freePort();
  return await startProgram([BARE_PROXY, String(port), String(upstream.port)], { port, path: "/_simulator/health" });
}

function findCommand(name: string): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin"];
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
}

/** LiteLLM's proxy in one process, with models by name, each at a port. Undefined where `litellm` is not on the path. */
export async function startLiteLlm(
  directory: string,
  models: Readonly<Record<string, number>>,
): Promise<Program | undefined> {
  const command = findCommand("litellm");
  if (command === undefined) return undefined;
  const port = await freePort();
  const config = join(directory, `litellm-${port}.json`);
  const list = Object.entries(models).map(([name, at]) => ({
    model_name: name,
    litellm_params: { model: "openai/m", api_base: `http://127.0.0.1:${at}/v1`, api_key: "x" },
  }));
  // It reads YAML, of which JSON is a part.
  writeFileSync(config, JSON.stringify({ model_list: list }));
  const args = ["--config", config, "--host", "127.0.0.1", "--port", String(port), "--num_workers", "1"];
  // Without a key of its own, as Portkey runs: on the loopback address alone.
  const env = {
    LITELLM_LOCAL_MODEL_COST_MAP: "True",
    LITELLM_LOG: "ERROR",
    LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY: "true",
  };
  return await startProgram(args, { command, port, path: "/health/liveliness", env });
}

/** nginx as a proxy that looks at nothing, in one process. Undefined where it is not installed. */
export async function startNginx(directory: string, upstream: Program): Promise<Program | undefined> {
  const command = findCommand("nginx");
  if (command === undefined) return undefined;
  const port = await freePort();
  const place = join(directory, `nginx-${port}`);
  mkdirSync(place);
  writeFileSync(join(place, "nginx.conf"), nginxConfig(place, port, upstream.port));
  const args = ["-p", place, "-c", join(place, "nginx.conf"), "-e", join(place, "error.log")];
  return await startProgram(args, { command, port, path: "/_simulator/health" });
}

function nginxConfig(place: string, port: number, upstream: number): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  return `
daemon off;
master_process off;
pid ${place}/pid;
events { worker_connections 1024; }
http {
  access_log off;
  keepalive_requests 10000000;
  ${temporary.map((name) => `${name}_temp_path ${place}/${name};`).join(" ")}
  upstream provider { server 127.0.0.1:${upstream}; keepalive 100; keepalive_requests 10000000; }
  server {
    listen 127.0.0.1:${port};
    location / { proxy_pass http://provider; proxy_http_version 1.1; proxy_set_header Connection ""; }
  }
}
`;
}

/** Puts a load on a program, from a process of its own, which goes first where it may. Throws when an answer was not 200. */
export async function putLoad(load: Load, goesFirst = false): Promise<LoadReport> {
  const command = [process.execPath, LOAD, JSON.stringify(load)];
  const [file = "", ...args] = goesFirst ? ["chrt", "--fifo", "1", ...command] : command;
  const { stdout } = await run(file, args);
  const report = JSON.parse(stdout) as LoadReport;
  if (report.errors > 0 || report.requests === 0) throw new Error(`${report.errors} errors at port ${load.port}`);
  return report;
}
