import type { Clock, Timer } from "../../core/clock.ts";
import type { Ids } from "../../core/ids.ts";
import type { Log } from "../../core/log.ts";
import type { Backend } from "../contract.ts";
import { createSharedJournal } from "../journal/shared-journal.ts";
import type { RedisLike, RedisSubscriber } from "./client.ts";
import { createRedisJournalStorage } from "./journal-storage.ts";
import { createRedisLeases } from "./leases.ts";
import { createRedisLevel } from "./level.ts";

export interface RedisBackendOptions {
  readonly client: RedisLike;
  /** A connection of its own, for messages. */
  readonly subscriber: RedisSubscriber;
  readonly clock: Clock;
  /** Makes the tokens of leases. */
  readonly ids: Ids;
  readonly log?: Log;
  /** What every name begins with. On a cluster, give it a hash tag: `{millrace}:`. Default `millrace:`. */
  readonly prefix?: string;
  /** Default 1,000,000. Bytes are the server's matter: give it `maxmemory`, and a policy of `noeviction` or `volatile-…`, since others may drop the journal. */
  readonly maxItems?: number;
  /** A longer payload is left out. Default 1 MiB. */
  readonly maxEntryBytes?: number;
  /** How often is looked for messages that were lost, in milliseconds. Default 2 000. */
  readonly pollMs?: number;
  /** How many scopes (keys, tags, patterns) the journal remembers. Default 50,000. */
  readonly maxRecords?: number;
}

const SUBSCRIBE_AGAIN_MS = 10_000;

/**
 * Opens the cache's part of a Redis server, which all processes of all machines may share. It opens also while the server is away, and
 * catches up when it comes.
 */
export async function openRedisBackend({
  client,
  subscriber,
  clock,
  ids,
  log,
  prefix = "millrace:",
  maxItems = 1_000_000,
  maxEntryBytes = 1_048_576,
  pollMs = 2_000,
  maxRecords = 50_000,
}: RedisBackendOptions): Promise<Backend> {
  const channel = `${prefix}invalidations`;
  const storage = createRedisJournalStorage({ client, prefix, channel, maxRecords });
  const journal = createSharedJournal({ storage, clock, log, pollMs, maxRecords });
  const level = createRedisLevel({ client, prefix, clock, maxItems, maxEntryBytes });

  let again: Timer | undefined;

  function onMessage(from: string, position: string): void {
    if (from === channel && Number(position) > journal.position()) journal.wake();
  }
  function onReady(): void {
    journal.wake();
  }
  function subscribe(): void {
    subscriber.subscribe(channel).then(onReady, (error: unknown) => {
      log?.warn({ error }, "invalidations of the cache are looked for by polling until Redis answers");
    });
  }
  /** Its answer shows that the connection still carries messages; without one the client gives it up. */
  function subscribeAgain(): void {
    again = clock.after(SUBSCRIBE_AGAIN_MS, () => {
      subscribe();
      subscribeAgain();
    });
  }
  subscriber.on("message", onMessage);
  subscriber.on("ready", subscribe);
  client.on("ready", onReady);
  subscribe();
  subscribeAgain();
  await journal.sync().catch((error: unknown) => log?.warn({ error }, "the cache starts without its Redis"));

  return {
    level,
    journal,
    leases: createRedisLeases({ client, prefix, ids }),
    async close() {
      again?.cancel();
      subscriber.off("message", onMessage);
      subscriber.off("ready", subscribe);
      client.off("ready", onReady);
      await journal.close();
    },
  };
}
