import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { createSimulator, type Simulator, type SimulatorOptions } from "../../simulator/index.ts";
import { type Config, loadConfig } from "../../src/config.ts";
import { type Clock, systemClock } from "../../src/core/clock.ts";
import { createLog } from "../../src/core/log.ts";
import { type Host, openHost } from "../../src/host.ts";
import { createServer } from "../../src/http/server.ts";

/** A Millrace that serves its gateway on a port, before a simulator that plays both providers, and the official clients that ask it. */
export interface GatewayWorld extends AsyncDisposable {
  readonly url: string;
  readonly simulator: Simulator;
  readonly host: Host;
  /** They do not try again by themselves. */
  readonly openai: OpenAI;
  readonly anthropic: Anthropic;
}

export interface GatewayWorldOptions {
  /** Of the simulator and of Millrace. Default: the machine's. */
  readonly clock?: Clock;
  readonly simulator?: SimulatorOptions;
  readonly config?: Partial<Pick<Config, "models" | "calls" | "gateway" | "prices">>;
  /** Address of what plays the providers, where that is not the simulator. */
  readonly provider?: string;
}

export async function openGatewayWorld(options: GatewayWorldOptions = {}): Promise<GatewayWorld> {
  const folder = mkdtempSync(join(tmpdir(), "millrace-gateway-"));
  const { clock = systemClock } = options;
  const simulator = createSimulator({ ...options.simulator, clock });
  const provider = options.provider ?? (await simulator.start());
  const environment = {
    ANTHROPIC_API_KEY: "a",
    ANTHROPIC_BASE_URL: provider,
    OPENAI_API_KEY: "o",
    OPENAI_BASE_URL: `${provider}/v1`,
  };
  const config = await loadConfig({ environment, cwd: folder });
  const log = createLog({ level: "silent" });
  const host = await openHost({ config: { ...config, ...options.config }, log, clock });
  const server = await createServer({
    ...host,
    cache: host.cache,
    calls: { ledger: host.calls, routes: () => host.ai.routes() },
    metrics: host.observe.metrics,
    host: "127.0.0.1",
    port: 0,
    version: "0",
    timezone: "UTC",
    providers: host.ai.providers,
    dashboard: folder,
    role: () => host.role(),
  });
  const url = await server.listen();
  return {
    url,
    simulator,
    host,
    openai: new OpenAI({ apiKey: "client", baseURL: `${url}/v1`, maxRetries: 0 }),
    anthropic: new Anthropic({ apiKey: "client", baseURL: url, maxRetries: 0 }),
    async [Symbol.asyncDispose]() {
      await server.close();
      await host.close();
      if (options.provider === undefined) await simulator.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Lets work over real sockets go on until something holds. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setImmediate(resolve));
}
