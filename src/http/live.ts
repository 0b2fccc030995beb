import type { ServerResponse } from "node:http";
import type { Clock, Timer } from "../core/clock.ts";
import { MillraceError } from "../core/errors.ts";
import type { Events } from "../core/events.ts";

export interface LiveOptions {
  readonly events: Events;
  readonly clock: Clock;
  /** Streams at a time. Default 100. */
  readonly maxClients?: number;
  /** Events kept for a reader that does not read; beyond it they are dropped and it is told to load anew. Default 500. */
  readonly maxWaiting?: number;
  /** How often a comment keeps the lines open, in milliseconds. Default 15 000. */
  readonly heartbeatMs?: number;
}

/** Sends what happens to browsers, as server-sent events. */
export interface Live {
  /** Takes over an answer whose head was written. Throws CAPACITY_REACHED at the limit of clients; ask `requireRoom` before the head. */
  connect(response: ServerResponse): void;
  requireRoom(): void;
  /** Ends every stream with a `bye` event. */
  close(): void;
}

/** A reader that took nothing for this many heartbeats has gone without saying so. */
const SILENT_HEARTBEATS = 4;
const HEARTBEAT = ": still here\n\n";

interface Client {
  send(frame: string): void;
  beat(): void;
  end(frame: string): void;
}

export function createLive({
  events,
  clock,
  maxClients = 100,
  maxWaiting = 500,
  heartbeatMs = 15_000,
}: LiveOptions): Live {
  const clients = new Set<Client>();
  let heartbeat: Timer | undefined;
  let stopListening: (() => void) | undefined;

  /** Nobody listens while nobody is there: whoever emits asks, and spares itself the event. */
  const listen = (): (() => void) =>
    events.onAny((name, event) => {
      if (name.startsWith("cache-")) return;
      const frame = toFrame(name, event);
      for (const client of clients) client.send(frame);
    });

  function beat(): void {
    for (const client of clients) client.beat();
    heartbeat = clients.size === 0 ? undefined : clock.after(heartbeatMs, beat);
  }
  function leave(client: Client): void {
    clients.delete(client);
    if (clients.size > 0) return;
    stopListening?.();
    stopListening = undefined;
  }
  function requireRoom(): void {
    if (clients.size < maxClients) return;
    throw new MillraceError("CAPACITY_REACHED", `${clients.size} event streams are open, which is the limit.`);
  }

  return {
    requireRoom,
    connect(response) {
      requireRoom();
      const client = createClient(response, maxWaiting);
      clients.add(client);
      stopListening ??= listen();
      response.once("close", () => leave(client));
      client.send("retry: 2000\n\n");
      heartbeat ??= clock.after(heartbeatMs, beat);
    },
    close() {
      stopListening?.();
      heartbeat?.cancel();
      for (const client of clients) client.end(toFrame("bye", {}));
      clients.clear();
    },
  };
}

function createClient(response: ServerResponse, maxWaiting: number): Client {
  let waiting: string[] = [];
  let isFull = false;
  let hasOverflowed = false;
  let silentFor = 0;

  function write(frame: string): void {
    isFull = !response.write(frame);
  }
  function drain(): void {
    isFull = false;
    silentFor = 0;
    if (hasOverflowed) {
      hasOverflowed = false;
      write(toFrame("resync", {}));
    }
    while (!isFull) {
      const next = waiting.shift();
      if (next === undefined) return;
      write(next);
    }
  }
  response.on("drain", drain);

  return {
    send(frame) {
      if (!isFull) return write(frame);
      if (hasOverflowed) return;
      if (waiting.length < maxWaiting) return void waiting.push(frame);
      waiting = [];
      hasOverflowed = true;
    },
    beat() {
      if (!isFull) return write(HEARTBEAT);
      silentFor += 1;
      if (silentFor >= SILENT_HEARTBEATS) response.destroy();
    },
    end(frame) {
      if (isFull) response.destroy();
      else response.end(frame);
    },
  };
}

function toFrame(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
