import { createHash } from "node:crypto";
import type { RedisArgument, RedisLike } from "./client.ts";

/** A script that the server keeps by its digest; it is sent again when the server forgot it, as after a restart. */
export interface Script {
  run(keys: readonly string[], args: readonly RedisArgument[]): Promise<unknown>;
}

export function createScript(client: RedisLike, source: string): Script {
  const digest = createHash("sha1").update(source).digest("hex");
  return {
    async run(keys, args) {
      const rest: RedisArgument[] = [keys.length, ...keys, ...args];
      try {
        return await client.call("EVALSHA", [digest, ...rest]);
      } catch (error) {
        if (!(error instanceof Error) || !error.message.startsWith("NOSCRIPT")) throw error;
        return client.call("EVAL", [source, ...rest]);
      }
    },
  };
}
