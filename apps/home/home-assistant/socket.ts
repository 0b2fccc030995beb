import { MillraceError } from "millrace";
import { type Connection, messageOf, toRefused, toUnreachable } from "./connection.ts";

const ANSWER_MS = 30_000;
const PING_EVERY_MS = 30_000;

/** A message of the server after authentication. */
interface Message {
  readonly id?: number;
  readonly type: string;
  readonly success?: boolean;
  readonly result?: unknown;
  readonly error?: { readonly code: string; readonly message: string };
  readonly event?: unknown;
  readonly ha_version?: string;
  readonly message?: string;
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** An authenticated WebSocket of Home Assistant. */
export interface Socket {
  readonly version: string;
  /** Sends a command and gives its result. Throws HOME_ASSISTANT_FAILED with `facts.code` when it is refused, HOME_ASSISTANT_UNREACHABLE when there is no answer. */
  command(type: string, fields?: object): Promise<unknown>;
  /** Hands on every event of a type until the socket closes. */
  subscribe(eventType: string, listener: (event: unknown) => void): Promise<void>;
  /** Resolves with the reason when the connection has ended, however that came. */
  readonly closed: Promise<MillraceError | undefined>;
  close(): void;
}

export interface OpenSocketOptions {
  readonly signal: AbortSignal;
  readonly WebSocket: typeof globalThis.WebSocket;
}

/**
 * Opens a WebSocket and authenticates. A ping every 30 s finds a connection that died without a word. Throws HOME_ASSISTANT_REFUSED and
 * HOME_ASSISTANT_UNREACHABLE.
 */
export async function openSocket(connection: Connection, { signal, WebSocket }: OpenSocketOptions): Promise<Socket> {
  const { url, token, clock } = connection;
  signal.throwIfAborted();
  const address = `${url.replace(/^http/, "ws")}/api/websocket`;
  const socket = new WebSocket(address);
  const waiting = new Map<number, Waiting>();
  const listeners = new Map<number, (event: unknown) => void>();
  const opened = Promise.withResolvers<string>();
  const closed = Promise.withResolvers<MillraceError | undefined>();
  let lastId = 0;
  let failure: MillraceError | undefined;
  let isEnded = false;

  function end(error?: MillraceError): void {
    if (isEnded) return;
    isEnded = true;
    failure = error;
    const reason = failure ?? toUnreachable(url, new Error("the connection was closed"));
    opened.reject(signal.aborted ? signal.reason : reason);
    for (const { reject } of waiting.values()) reject(reason);
    waiting.clear();
    closed.resolve(failure);
    socket.close();
  }
  const abort = () => end();
  signal.addEventListener("abort", abort, { once: true });
  const timer = clock.after(ANSWER_MS, () => end(toUnreachable(url, new Error("no answer to the greeting"))));

  function take(message: Message): void {
    const { id = 0, type } = message;
    if (type === "auth_required") socket.send(JSON.stringify({ type: "auth", access_token: token }));
    else if (type === "auth_ok") opened.resolve(message.ha_version ?? "");
    else if (type === "auth_invalid") end(toRefused(url, "auth_invalid"));
    else if (type === "event") listeners.get(id)?.(message.event);
    else answer(id, message);
  }
  function answer(id: number, { type, success, result, error }: Message): void {
    const asked = waiting.get(id);
    waiting.delete(id);
    if (type === "pong" || success === true) asked?.resolve(result);
    else asked?.reject(toCommandFailure(url, error));
  }
  socket.addEventListener("message", ({ data }) => {
    try {
      const message = JSON.parse(String(data)) as Message | readonly Message[];
      for (const each of Array.isArray(message) ? (message as readonly Message[]) : [message as Message]) take(each);
    } catch (error) {
      end(toUnreachable(url, error));
    }
  });
  socket.addEventListener("error", (event) => {
    const cause = "error" in event && event.error instanceof Error ? event.error : new Error("the connection failed");
    end(toUnreachable(url, cause));
  });
  socket.addEventListener("close", () => end(toUnreachable(url, new Error("the connection was closed"))));

  function command(type: string, fields: object = {}): Promise<unknown> {
    if (isEnded) return Promise.reject(failure ?? toUnreachable(url, new Error("the connection was closed")));
    const id = ++lastId;
    const asked = Promise.withResolvers<unknown>();
    waiting.set(id, asked);
    const late = clock.after(ANSWER_MS, () => end(toUnreachable(url, new Error(`no answer to ${type}`))));
    socket.send(JSON.stringify({ id, type, ...fields }));
    return asked.promise.finally(() => late.cancel());
  }
  const version = await opened.promise.finally(() => timer.cancel());
  let ping = clock.after(PING_EVERY_MS, beat);
  function beat(): void {
    // Without an answer in time the command itself ends the connection.
    command("ping").then(
      () => (ping = clock.after(PING_EVERY_MS, beat)),
      () => undefined,
    );
  }
  return {
    version,
    command,
    async subscribe(eventType, listener) {
      // Answers come in order, so the listener stands before the first event.
      listeners.set(lastId + 1, listener);
      await command("subscribe_events", { event_type: eventType });
    },
    closed: closed.promise.finally(() => {
      ping.cancel();
      signal.removeEventListener("abort", abort);
    }),
    close: () => end(),
  };
}

function toCommandFailure(url: string, error: Message["error"]): MillraceError {
  const { code = "unknown", message = "" } = error ?? {};
  return new MillraceError(
    "HOME_ASSISTANT_FAILED",
    `Home Assistant refused a command (${code}): ${messageOf(message)}`,
    {
      facts: { url, code },
      isRetryable: false,
    },
  );
}
