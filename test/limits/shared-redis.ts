import { connectRedis, type RedisConnections } from "../../src/cache/redis/connect.ts";
import { createScript } from "../../src/cache/redis/script.ts";
import { missingRedis, startTestRedis, type TestRedis } from "../../src/cache/redis/test-redis.ts";
import { type Clock, systemClock } from "../../src/core/clock.ts";
import { createSharedState, type SharedState } from "../../src/resilience/shared/shared-state.ts";

const PATH = process.env["MILLRACE_REDIS_SERVER"] ?? "/usr/bin/redis-server";

/** Why nothing can be tested here; undefined when it can. */
export const noRedis = missingRedis(PATH, process.env["CI"] === "true");

export const startRedis = (): Promise<TestRedis> => startTestRedis(PATH);

export interface SharedRedis {
  readonly state: SharedState;
  readonly connections: RedisConnections;
  /** Resolves when the server has answered what was asked before, and what followed from that. */
  readonly settled: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** What one process sees of a server. */
export async function openShared(
  { url }: { readonly url: string },
  {
    prefix,
    clock = systemClock,
    share = () => 1,
    onChange,
    commandTimeoutMs = 30_000,
  }: {
    readonly prefix: string;
    readonly clock?: Clock;
    readonly share?: () => number;
    readonly onChange?: (isUp: boolean) => void;
    /** Default: longer than a busy machine holds anything up. */
    readonly commandTimeoutMs?: number;
  },
): Promise<SharedRedis> {
  const connections = await connectRedis(url, { commandTimeoutMs });
  const { client } = connections;
  const state = createSharedState({
    clock,
    prefix,
    share,
    script: (source) => createScript(client, source),
    ...(onChange === undefined ? {} : { onChange }),
  });
  return {
    state,
    connections,
    async settled() {
      // A draw, the end of a call, and the draw that follows from it; and each again where the server did not know the script.
      for (let round = 0; round < 8; round++) await client.call("PING", []);
    },
    async close() {
      await state.close();
      connections.close();
    },
  };
}
