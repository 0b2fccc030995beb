import type { Clock } from "millrace";
import type { HomeAssistantConfig } from "./config.ts";
import type { Connection } from "./connection.ts";

/** What reaches a home: the network and the time, as arguments. */
export interface Network {
  readonly fetch: typeof globalThis.fetch;
  readonly WebSocket: typeof globalThis.WebSocket;
  readonly clock: Clock;
}

/** The network of this process. */
export function systemNetwork(clock: Clock): Network {
  // Looked up when they are used: Node loads what is behind them with the first look, which takes a while.
  return {
    fetch: (...request) => globalThis.fetch(...request),
    get WebSocket() {
      return globalThis.WebSocket;
    },
    clock,
  };
}

export function connectionOf({ url, token }: HomeAssistantConfig, { fetch, clock }: Network): Connection {
  return { url, token, fetch, clock };
}
