import type { Ids } from "../../core/ids.ts";
import type { Leases } from "../contract.ts";
import type { RedisLike } from "./client.ts";
import { createScript } from "./script.ts";

const RENEW = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`;
const RELEASE = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`;

export interface RedisLeasesOptions {
  readonly client: RedisLike;
  readonly prefix: string;
  /** Makes the tokens. */
  readonly ids: Ids;
}

export function createRedisLeases({ client, prefix, ids }: RedisLeasesOptions): Leases {
  const renew = createScript(client, RENEW);
  const release = createScript(client, RELEASE);
  return {
    async acquire(key, durationMs) {
      const name = `${prefix}lease:${key}`;
      const token = ids.next();
      const taken = await client.call("SET", [name, token, "NX", "PX", Math.max(1, Math.ceil(durationMs))]);
      if (taken !== "OK") return undefined;
      return {
        renew: async () => (await renew.run([name], [token, Math.max(1, Math.ceil(durationMs))])) === 1,
        release: async () => void (await release.run([name], [token])),
      };
    },
  };
}
