import type { Redis } from "ioredis";
import type { Log } from "../../core/log.ts";
import { MillraceError } from "../../core/errors.ts";
import type { RedisLike, RedisSubscriber } from "./client.ts";

export interface RedisConnections {
  readonly client: RedisLike;
  readonly subscriber: RedisSubscriber;
  close(): void;
}

export interface ConnectRedisOptions {
  readonly log?: Log;
  /** A command without an answer fails after so many milliseconds, and after twice as many its connection is given up. Default 1 000. */
  readonly commandTimeoutMs?: number;
}

const CONNECT_TIMEOUT_MS = 2_000;
const LONGEST_PAUSE_MS = 1_000;

/**
 * Connects twice, for commands and for messages, and again whenever a connection is lost. It waits for the first attempt alone: a server
 * that is away is no error, commands fail until it is there. Throws INPUT_INVALID for an address that is none of Redis.
 */
export async function connectRedis(
  url: string,
  { log, commandTimeoutMs = 1_000 }: ConnectRedisOptions = {},
): Promise<RedisConnections> {
  if (!/^rediss?:\/\//.test(url) || !URL.canParse(url)) {
    throw new MillraceError("INPUT_INVALID", "The address of Redis is no redis:// or rediss:// URL.", {
      advice: "Write redis://host:6379, with user and password in front of the host where it asks for them.",
    });
  }
  const { Redis } = await import("ioredis");
  const open = (): Redis => {
    const client = new Redis(url, {
      lazyConnect: true,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 1,
      autoResendUnfulfilledCommands: false,
      autoResubscribe: false,
      connectTimeout: CONNECT_TIMEOUT_MS,
      keepAlive: 10_000,
      // A firewall that forgot the connection lets nothing through it and says nothing; a new one may pass.
      socketTimeout: commandTimeoutMs * 2,
      retryStrategy: (times) => Math.min(times * 50, LONGEST_PAUSE_MS),
      commandTimeout: commandTimeoutMs,
    });
    client.on("error", (error: unknown) => log?.debug({ error }, "a connection to Redis failed"));
    return client;
  };
  const client = open();
  const subscriber = open();
  await Promise.allSettled([client.connect(), subscriber.connect()]);
  return {
    client,
    subscriber,
    close() {
      client.disconnect();
      subscriber.disconnect();
    },
  };
}
