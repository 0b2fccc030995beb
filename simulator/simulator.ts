import { createServer, type Server } from "node:http";
import {
  type AddressInfo,
  createServer as createSocketServer,
  type Server as SocketServer,
  type Socket,
} from "node:net";
import { MillraceError, systemClock } from "millrace";
import type { LedgerEntry } from "./account/ledger.ts";
import { createInstantServer } from "./instant/instant.ts";
import type { Behaviour, SimulatorOptions } from "./options.ts";
import type { LogRecord } from "./request-log.ts";
import { serve } from "./serve.ts";
import type { SimulatorStats } from "./stats.ts";
import { createWorld, type World } from "./world.ts";

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
  let running: Running | undefined;

  async function stop(): Promise<void> {
    const stopping = running;
    running = undefined;
    if (stopping === undefined) return;
    await new Promise<void>((resolve) => {
      stopping.server.close(() => resolve());
      for (const socket of stopping.sockets) socket.destroy();
    });
  }

  return {
    get url() {
      if (running === undefined) throw new MillraceError("INTERNAL", "The simulator does not run: start it first.");
      return running.url;
    },
    async start() {
      if (running !== undefined) return running.url;
      const http = createServer((request, response) => void serve(world, request, response));
      http.keepAliveTimeout = 65_000;
      const server = options.isInstant === true ? instantBefore(http, world) : http;
      const sockets = new Set<Socket>();
      server.on("connection", (socket) => {
        world.stats.connected();
        sockets.add(socket);
        socket.once("close", () => sockets.delete(socket));
      });
      const address = await listen(server, port, host);
      running = { server, sockets, url: `http://${host.includes(":") ? `[${host}]` : host}:${address.port}` };
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

interface Running {
  readonly server: SocketServer;
  readonly sockets: ReadonlySet<Socket>;
  readonly url: string;
}

/** Puts the server of fixed answers before the one that knows HTTP. */
function instantBefore(http: Server, world: World): SocketServer {
  return createSocketServer(createInstantServer(world, (socket) => void http.emit("connection", socket)));
}

function listen(server: SocketServer, port: number, host: string): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === "EADDRINUSE";
      reject(isTaken ? new MillraceError("ADDRESS_IN_USE", `${host}:${port} is taken.`, { cause: error }) : error);
    });
    server.listen(port, host, () => resolve(server.address() as AddressInfo));
  });
}
