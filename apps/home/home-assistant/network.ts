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
  const { fetch, WebSocket } = globalThis;
  return { fetch, WebSocket, clock };
}

export function connectionOf({ url, token }: HomeAssistantConfig, { fetch, clock }: Network): Connection {
  return { url, token, fetch, clock };
}
