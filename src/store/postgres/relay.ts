import pg from "pg";
import type { Clock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import { clientConfig } from "./connections.ts";
import { reasonOf } from "./postgres-error.ts";

/** Carries short texts between the processes on one database, over a connection of its own. What is sent while it is cut off is lost. */
export interface Relay {
  /** Texts of at most `LONGEST_TEXT` bytes; the others are left out. */
  send(texts: readonly string[]): void;
  close(): Promise<void>;
}

export interface RelayOptions {
  readonly url: string;
  /** Tells the processes apart. */
  readonly id: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Hears what others send. Default: nobody listens. */
  readonly onText?: (text: string) => void;
}

const CHANNEL = "millrace_relay";
/** A payload of NOTIFY holds less than 8 000 bytes, the sender's name among them. */
const LONGEST_TEXT = 7_900;
const RECONNECT_MS = 2_000;
const SEND = "select pg_notify($1, text) from unnest($2::text[]) as text";

/** Connects, and again whenever the connection is lost. */
export async function openRelay({ url, id, clock, log, onText }: RelayOptions): Promise<Relay> {
  const closing = new AbortController();
  let client: pg.Client | undefined;
  let lost = Promise.withResolvers<void>();

  async function connect(): Promise<void> {
    const opened = new pg.Client(clientConfig(url));
    const gone = Promise.withResolvers<void>();
    opened.on("error", (error) => log.debug({ reason: reasonOf(error) }, "the relay was cut off"));
    opened.on("end", () => {
      if (client === opened) client = undefined;
      gone.resolve();
    });
    opened.on("notification", ({ payload = "" }) => {
      const [sender, text] = [payload.slice(0, id.length), payload.slice(id.length + 1)];
      if (sender !== id) onText?.(text);
    });
    await opened.connect();
    if (onText !== undefined) await opened.query(`listen ${CHANNEL}`);
    lost = gone;
    client = opened;
  }

  async function stayConnected(): Promise<void> {
    while (!closing.signal.aborted) {
      if (client !== undefined) await lost.promise;
      if (closing.signal.aborted) return;
      await connect().catch(() => clock.sleep(RECONNECT_MS, closing.signal).catch(() => undefined));
    }
  }

  await connect();
  const staying = stayConnected();
  return {
    send(texts) {
      const fitting = texts.filter((text) => Buffer.byteLength(text) <= LONGEST_TEXT - id.length - 1);
      if (fitting.length === 0) return;
      client
        ?.query({ text: SEND, values: [CHANNEL, fitting.map((text) => `${id} ${text}`)], name: "millrace_relay" })
        .catch((error: unknown) => log.debug({ reason: reasonOf(error) }, "others could not be told"));
    },
    async close() {
      closing.abort();
      const open = client;
      client = undefined;
      lost.resolve();
      await open?.end().catch(() => undefined);
      await staying;
    },
  };
}
