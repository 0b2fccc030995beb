import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { MillraceError, systemClock } from "millrace";
import type { LedgerEntry } from "./account/ledger.ts";
import type { Behaviour, SimulatorOptions } from "./options.ts";
import type { LogRecord } from "./request-log.ts";
import { serve } from "./serve.ts";
import type { SimulatorStats } from "./stats.ts";
import { createWorld } from "./world.ts";

/** A local stand-in for model providers: speaks both wire formats, enforces limits, fails on demand, and keeps account. */
export interface Simulator extends AsyncDisposable {
  /** `http://host:port`; base URLs for clients are this and `/v1`. Throws before `start`. */
  readonly url: string;
  /** Begins to listen and gives the address. Throws ADDRESS_IN_USE when the port is taken. */
  start(): Promise<string>;
  /** Drops all connections and stops. Harmless when it does not run. */
  stop(): Promise<void>;
  stats(): SimulatorStats;
  /** What each organisation was charged, by model. */
  ledger(): readonly LedgerEntry[];
  /** The latest requests, oldest first. */
  log(): readonly Readonly<LogRecord>[];
  /** Forgets everything that was counted, charged, stored or used up; the behaviour stays as it is. */
  reset(): void;
  /** Changes the behaviour from the next request on. Throws INPUT_INVALID. */
  configure(change: Partial<Behaviour>): void;
}

/** Creates a simulator; it listens after `start`. Throws INPUT_INVALID for a bad option. */
export function createSimulator(options: SimulatorOptions = {}): Simulator {
  const { port = 0, host = "127.0.0.1", clock = systemClock } = options;
  const world = createWorld(options, clock);
  let running: { readonly server: Server; readonly url: string } | undefined;

  async function stop(): Promise<void> {
    const server = running?.server;
    running = undefined;
    if (server === undefined) return;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }

  return {
    get url() {
      if (running === undefined) throw new MillraceError("INTERNAL", "The simulator does not run: start it first.");
      return running.url;
    },
    async start() {
      if (running !== undefined) return running.url;
      const server = createServer((request, response) => void serve(world, request, response));
      server.on("connection", () => world.stats.connected());
      server.keepAliveTimeout = 65_000;
      const address = await listen(server, port, host);
      running = { server, url: `http://${host.includes(":") ? `[${host}]` : host}:${address.port}` };
      return running.url;
    },
    stop,
    stats: () => world.stats.read(),
    ledger: () => world.ledger.read(),
    log: () => world.log.read(),
    reset: () => world.reset(),
    configure: (change) => world.configure(change),
    [Symbol.asyncDispose]: stop,
  };
}

function listen(server: Server, port: number, host: string): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === "EADDRINUSE";
      reject(isTaken ? new MillraceError("ADDRESS_IN_USE", `${host}:${port} is taken.`, { cause: error }) : error);
    });
    server.listen(port, host, () => resolve(server.address() as AddressInfo));
  });
}
