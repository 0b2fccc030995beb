import type { Invalidation } from "../contract.ts";
import type { JournalState } from "../journal/mirror.ts";
import { scopeText, toRecord } from "../journal/scope.ts";
import type { JournalStorage } from "../journal/shared-journal.ts";
import { MAX_LINKS, tooManyLinks } from "../journal/tag-graph.ts";
import type { RedisLike } from "./client.ts";
import { createScript } from "./script.ts";

/* The journal is a sorted set: a member for the last invalidation of each scope in each mode, "mode kind text", at its position.
   The hash beside it holds the position and the horizon. A server that starts empty, or that lost part of them, begins above every
   position that was ever given, so that nobody takes old entries for new ones. Positions are above 2^50: Lua would print them with
   an exponent, hence the format.

   A server without memory left refuses writes that need more, but not those of a script that has begun to write. What is kept here has
   a bound, and an invalidation that cannot be stored is worse than a little too much memory: so each script begins with a deletion. */
const STATE = `
redis.call('HDEL', KEYS[2], '')
local function begin(after)
  local time = redis.call('TIME')
  local first = time[1] * 1000000 + time[2]
  if first <= after then first = after + 1 end
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[2], 'position', string.format('%.0f', first), 'horizon', string.format('%.0f', first))
end
local function ensure(after)
  local state = redis.call('HMGET', KEYS[2], 'position', 'horizon')
  local isLost = not state[1] or not state[2] or tonumber(state[1]) < after
  if not isLost and tonumber(state[1]) > tonumber(state[2]) then isLost = redis.call('EXISTS', KEYS[1]) == 0 end
  if isLost then begin(math.max(after, tonumber(state[1] or 0) or 0)) end
end
`;
/** KEYS: journal, state. ARGV: prefix of links, channel, most records, then mode, kind and text of each. */
const APPEND = `${STATE}
ensure(0)
local last = '0'
local function record(mode, kind, text)
  last = string.format('%.0f', redis.call('HINCRBY', KEYS[2], 'position', 1))
  redis.call('ZADD', KEYS[1], last, mode .. ' ' .. kind .. ' ' .. text)
end
for at = 4, #ARGV, 3 do
  local mode, kind, text = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  if kind == 'tag' then
    local reached, seen, next = { text }, { [text] = true }, 1
    while reached[next] do
      for _, tag in ipairs(redis.call('SMEMBERS', ARGV[1] .. reached[next])) do
        if not seen[tag] then seen[tag] = true; reached[#reached + 1] = tag end
      end
      next = next + 1
    end
    for _, tag in ipairs(reached) do record(mode, kind, tag) end
  else
    record(mode, kind, text)
  end
end
local over = redis.call('ZCARD', KEYS[1]) - tonumber(ARGV[3])
if over > 0 then
  local newest = redis.call('ZRANGE', KEYS[1], over - 1, over - 1, 'WITHSCORES')
  redis.call('HSET', KEYS[2], 'horizon', string.format('%.0f', newest[2]))
  redis.call('ZREMRANGEBYRANK', KEYS[1], 0, over - 1)
end
redis.call('PUBLISH', ARGV[2], last)
return last`;
/** KEYS: journal, state. ARGV: position, records a bite. Gives position, horizon, then members and scores in turn. */
const READ = `${STATE}
ensure(tonumber(ARGV[1]))
local state = redis.call('HMGET', KEYS[2], 'position', 'horizon')
return { state[1], state[2], redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. ARGV[1], '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[2]) }`;
/** KEYS: journal, state, number of links. ARGV: prefix of links, most links, tag, dependencies. */
const LINK = `${STATE}
for at = 4, #ARGV do
  local name = ARGV[1] .. ARGV[at]
  if redis.call('SISMEMBER', name, ARGV[3]) == 0 then
    if tonumber(redis.call('GET', KEYS[3]) or 0) >= tonumber(ARGV[2]) then return 0 end
    redis.call('SADD', name, ARGV[3])
    redis.call('INCR', KEYS[3])
  end
end
return 1`;

const BITE = 1_000;

export interface RedisJournalOptions {
  readonly client: RedisLike;
  readonly prefix: string;
  readonly channel: string;
  readonly maxRecords: number;
}

export function createRedisJournalStorage({
  client,
  prefix,
  channel,
  maxRecords,
}: RedisJournalOptions): JournalStorage {
  const append = createScript(client, APPEND);
  const read = createScript(client, READ);
  const link = createScript(client, LINK);
  const keys = [`${prefix}journal`, `${prefix}journal-state`];
  const links = `${prefix}dependents:`;

  async function readBite(after: number): Promise<JournalState & { readonly isLast: boolean }> {
    const [position, horizon, list] = (await read.run(keys, [after, BITE])) as [string, string, string[]];
    const records = toRecords(list);
    const isLast = list.length < BITE * 2;
    return { position: isLast ? Number(position) : Number(list.at(-1)), horizon: Number(horizon), records, isLast };
  }

  return {
    async append(invalidations) {
      for (let start = 0; start < invalidations.length; start += BITE) {
        const bite = invalidations.slice(start, start + BITE);
        await append.run(keys, [links, channel, maxRecords, ...bite.flatMap(toArguments)]);
      }
    },
    async link(tag, dependencies) {
      const isLinked = await link.run([...keys, `${prefix}links`], [links, MAX_LINKS, tag, ...dependencies]);
      if (isLinked !== 1) throw tooManyLinks(MAX_LINKS);
    },
    async read(after) {
      let bite = await readBite(after);
      const { horizon } = bite;
      const records = [...bite.records];
      while (!bite.isLast) {
        bite = await readBite(bite.position);
        records.push(...bite.records);
      }
      return { position: bite.position, horizon: Math.max(horizon, bite.horizon > after ? bite.horizon : 0), records };
    },
  };
}

function toArguments({ mode, scope }: Invalidation): string[] {
  return [mode, scope.kind, scopeText(scope)];
}

/** Members and scores in turn. */
function toRecords(list: readonly string[]) {
  return Array.from({ length: list.length / 2 }, (_, index) => {
    const [mode = "", kind = "", ...text] = (list[index * 2] ?? "").split(" ");
    return toRecord(mode, kind, text.join(" "), Number(list[index * 2 + 1]));
  }).filter((record) => record !== undefined);
}
