import type { Clock } from "../../core/clock.ts";
import type { Level, StoredEntry } from "../contract.ts";
import { decodeEnvelope, encodeEnvelope, HEAD_AT, toStorable } from "../envelope.ts";
import { firstAfter } from "../key-order.ts";
import { parsePattern } from "../pattern.ts";
import type { RedisArgument, RedisLike } from "./client.ts";
import { createScript } from "./script.ts";

/* An entry is a string that dies at its hard end of life. Its key stands in the index of its namespace and in one index a tag:
   sorted sets by end of life, which die with their last member; what is dead goes whenever something is added. */

/** KEYS: entry, index, namespaces, indexes of tags. ARGV: bytes, life in ms, key, end of life, now, namespace. */
const PUT = `
local function add(index)
  redis.call('ZREMRANGEBYSCORE', index, '-inf', ARGV[5])
  redis.call('ZADD', index, ARGV[4], ARGV[3])
  if redis.call('PTTL', index) < tonumber(ARGV[2]) then redis.call('PEXPIRE', index, ARGV[2]) end
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
add(KEYS[2])
redis.call('SADD', KEYS[3], ARGV[6])
for at = 4, #KEYS do add(KEYS[at]) end`;
/** KEYS: index. ARGV: prefix of entries, highest position, tag or '', prefix of indexes, then keys. Gives how many went and how many of the index stay. */
const DELETE_UP_TO = `
local gone, kept = 0, 0
for at = 5, #ARGV do
  local name = ARGV[1] .. ARGV[at]
  local start = redis.call('GETRANGE', name, 0, ${HEAD_AT - 1})
  local isKept, isElsewhere = false, #start < ${HEAD_AT}
  if not isElsewhere then
    local length = struct.unpack('>I4', start, 2)
    local isRead, head = pcall(cjson.decode, redis.call('GETRANGE', name, ${HEAD_AT}, ${HEAD_AT - 1} + length))
    if isRead and type(head) == 'table' then
      isKept = head.p > tonumber(ARGV[2])
      if ARGV[3] ~= '' then
        local isTagged = false
        for _, tag in ipairs(head.t) do isTagged = isTagged or ('=' .. tag) == ARGV[3] end
        isElsewhere = not isTagged
      end
    end
  end
  if isKept and not isElsewhere then
    kept = kept + 1
  else
    if not isElsewhere then
      gone = gone + redis.call('UNLINK', name)
      redis.call('ZREM', ARGV[4] .. (string.match(ARGV[at], '^([^:]*):') or ''), ARGV[at])
    end
    redis.call('ZREM', KEYS[1], ARGV[at])
  end
end
return { gone, kept }`;
/** KEYS: index, namespaces. ARGV: now, namespace. Gives how many dead ones went and how many are left. */
const COLLECT = `
local gone = redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
local left = redis.call('ZCARD', KEYS[1])
if left == 0 then redis.call('SREM', KEYS[2], ARGV[2]) end
return { gone, left }`;

const BITE = 500;
const LONGEST_LIFE_MS = 10 * 365 * 86_400_000;
const SAMPLE = 100;

export interface RedisLevelOptions {
  readonly client: RedisLike;
  readonly prefix: string;
  readonly clock: Clock;
  readonly maxItems: number;
  readonly maxEntryBytes: number;
}

export function createRedisLevel({ client, prefix, clock, maxItems, maxEntryBytes }: RedisLevelOptions): Level {
  const put = createScript(client, PUT);
  const deleteUpTo = createScript(client, DELETE_UP_TO);
  const collect = createScript(client, COLLECT);
  const entryPrefix = `${prefix}entry:`;
  const namespaces = `${prefix}namespaces`;
  const indexOf = (namespace: string): string => `${prefix}index:${namespace}`;
  const tagIndexOf = (tag: string): string => `${prefix}tag:${tag}`;
  let evictions = 0;

  async function putEntry(entry: StoredEntry): Promise<void> {
    const now = clock.now();
    const { deadAt } = toStorable(entry.meta);
    const life = Math.min(deadAt - now, LONGEST_LIFE_MS);
    if (life <= 0) return;
    const namespace = namespaceOf(entry.key);
    const keys = [entryPrefix + entry.key, indexOf(namespace), namespaces, ...entry.meta.tags.map(tagIndexOf)];
    await put.run(keys, [encodeEnvelope(entry), life, entry.key, deadAt, now, namespace]);
  }

  async function allNamespaces(): Promise<string[]> {
    return (await client.call("SMEMBERS", [namespaces])) as string[];
  }
  async function namespacesOf(pattern: string): Promise<readonly string[]> {
    const end = pattern.indexOf(":");
    const first = pattern.slice(0, end);
    // "user:**" is the key "user" too, which has no namespace.
    if (end > 0 && !first.includes("*")) return [first, ""];
    return allNamespaces();
  }

  /** Goes through an index in bites; `visit` says how many members of the bite are left in it. */
  async function walk(index: string, visit: (keys: readonly string[]) => Promise<number>): Promise<void> {
    for (let at = 0; ;) {
      const keys = (await client.call("ZRANGE", [index, at, at + BITE - 1])) as string[];
      if (keys.length > 0) at += await visit(keys);
      if (keys.length < BITE) return;
    }
  }

  async function deleteFrom(index: string, keys: readonly string[], upTo: number, tag = ""): Promise<[number, number]> {
    if (keys.length === 0) return [0, 0];
    return (await deleteUpTo.run([index], [entryPrefix, upTo, tag, indexOf(""), ...keys])) as [number, number];
  }

  async function remove(keys: readonly string[]): Promise<number> {
    let gone = 0;
    for (let start = 0; start < keys.length; start += BITE) {
      const bite = keys.slice(start, start + BITE);
      const byNamespace = Map.groupBy(bite, namespaceOf);
      const [count] = await Promise.all([
        client.call(
          "UNLINK",
          bite.map((key) => entryPrefix + key),
        ), // several commands in one go over one connection
        ...[...byNamespace].map(([namespace, members]) => client.call("ZREM", [indexOf(namespace), ...members])),
      ]);
      gone += Number(count);
    }
    return gone;
  }

  async function evictBeyondBound(namespace: string, items: number, over: number): Promise<number> {
    const count = Math.min(items, Math.ceil(over));
    let gone = 0;
    while (gone < count) {
      const keys = (await client.call("ZRANGE", [indexOf(namespace), 0, Math.min(BITE, count - gone) - 1])) as string[];
      if (keys.length === 0) break;
      await remove(keys);
      gone += keys.length;
    }
    evictions += gone;
    return gone;
  }

  /** The indexes are in order of death, so all of them are gone through. */
  async function keysAfter(pattern: string, limit: number, after: string): Promise<readonly string[]> {
    const reading = parsePattern(pattern);
    const all: string[] = [];
    for (const namespace of await namespacesOf(pattern)) {
      await walk(indexOf(namespace), async (keys) => {
        all.push(...keys.filter((key) => reading.matches(key)));
        return keys.length;
      });
    }
    const found: string[] = [];
    for (let from = after; found.length < limit;) {
      const next = firstAfter(all, from, BITE);
      found.push(...(await onlyLiving(client, entryPrefix, next)));
      const last = next.at(-1);
      if (last === undefined) break;
      from = last;
    }
    return found.slice(0, limit);
  }

  return {
    name: "database",
    accepts: (bytes) => bytes <= maxEntryBytes,
    async get(key) {
      if (!key.isWellFormed()) return undefined;
      const name = entryPrefix + key;
      const bytes = await client.callBuffer("GET", [name]);
      if (!Buffer.isBuffer(bytes)) return undefined;
      const entry = decodeEnvelope(key, bytes);
      if (entry === undefined) await remove([key]);
      return entry;
    },
    async set(entries) {
      const fit = entries.filter((entry) => isFit(entry, maxEntryBytes));
      for (let start = 0; start < fit.length; start += BITE) {
        await allOf(fit.slice(start, start + BITE).map(putEntry));
      }
    },
    delete: (keys) => remove(keys.filter((key) => key.isWellFormed())),
    async deleteMatching(pattern, upTo) {
      const reading = parsePattern(pattern);
      let gone = 0;
      for (const namespace of await namespacesOf(pattern)) {
        const index = indexOf(namespace);
        await walk(index, async (keys) => {
          const found = keys.filter((key) => reading.matches(key));
          const [went, kept] = await deleteFrom(index, found, upTo);
          gone += went;
          return keys.length - found.length + kept;
        });
      }
      return gone;
    },
    async deleteTagged(tag, upTo) {
      let gone = 0;
      const index = tagIndexOf(tag);
      await walk(index, async (keys) => {
        const [went, kept] = await deleteFrom(index, keys, upTo, `=${tag}`);
        gone += went;
        return kept;
      });
      return gone;
    },
    async keys(pattern, limit, after) {
      if (after !== undefined) return keysAfter(pattern, limit, after);
      const reading = parsePattern(pattern);
      const found: string[] = [];
      for (const namespace of await namespacesOf(pattern)) {
        await walk(indexOf(namespace), async (keys) => {
          const living = await onlyLiving(
            client,
            entryPrefix,
            keys.filter((key) => reading.matches(key)),
          );
          found.push(...living.slice(0, Math.max(0, limit - found.length)));
          return found.length < limit ? keys.length : Number.MAX_SAFE_INTEGER / 2;
        });
        if (found.length >= limit) break;
      }
      return found;
    },
    async clear() {
      for (const kind of ["entry:", "index:", "tag:", "namespaces"]) {
        const match = `${(prefix + kind).replaceAll(/[\\*?[\]]/g, "\\$&")}*`;
        let cursor = "0";
        do {
          const scan = ["SCAN", [cursor, "MATCH", match, "COUNT", 10_000]] as const;
          const [next, names] = (await client.call(scan[0], [...scan[1]])) as [string, string[]];
          cursor = next;
          for (let at = 0; at < names.length; at += BITE) await client.call("UNLINK", names.slice(at, at + BITE));
        } while (cursor !== "0");
      }
    },
    async sweep(now) {
      let gone = 0;
      const counts: [string, number][] = [];
      for (const namespace of await allNamespaces()) {
        const [dead, left] = (await collect.run([indexOf(namespace), namespaces], [now, namespace])) as [
          number,
          number,
        ];
        gone += dead;
        counts.push([namespace, left]);
      }
      const total = counts.reduce((sum, [, left]) => sum + left, 0);
      if (total <= maxItems) return gone;
      for (const [namespace, left] of counts) {
        gone += await evictBeyondBound(namespace, left, ((total - maxItems) * left) / total);
      }
      return gone;
    },
    async stats() {
      let items = 0;
      let sampled = 0;
      let sampledBytes = 0;
      for (const namespace of await allNamespaces()) {
        const index = indexOf(namespace);
        items += Number(await client.call("ZCOUNT", [index, `(${clock.now()}`, "+inf"]));
        if (sampled >= SAMPLE) continue;
        const keys = (await client.call("ZRANDMEMBER", [index, SAMPLE])) as string[];
        const sizes = await Promise.all(keys.map((key) => client.call("STRLEN", [entryPrefix + key])));
        sampled += keys.length;
        for (const size of sizes) sampledBytes += Number(size);
      }
      return { items, bytes: sampled === 0 ? 0 : Math.round((sampledBytes / sampled) * items), evictions, maxItems };
    },
    close: async () => undefined,
  };
}

/** The first segment; keys of one segment share the namespace without a name. */
function namespaceOf(key: string): string {
  const end = key.indexOf(":");
  return end === -1 ? "" : key.slice(0, end);
}

function isFit({ key, meta, payload }: StoredEntry, maxEntryBytes: number): boolean {
  return payload.length <= maxEntryBytes && key.isWellFormed() && meta.tags.every((tag) => tag.isWellFormed());
}

async function onlyLiving(client: RedisLike, prefix: string, keys: readonly string[]): Promise<readonly string[]> {
  const living = await Promise.all(keys.map((key) => client.call("EXISTS", [prefix + key] satisfies RedisArgument[])));
  return keys.filter((_, index) => living[index] === 1);
}

/** Waits for all before it throws the first error, so that nothing goes on behind the caller's back. */
async function allOf(work: readonly Promise<void>[]): Promise<void> {
  const outcomes = await Promise.allSettled(work);
  for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason as Error;
}
