import type { CallFilter, CallGrouping, CallLedgerStore, CallRecord, CallSum } from "./calls/ledger.ts";
import { number, numberOrNull, text, textOrNull } from "./store/row.ts";
import type { Database, Row, SqlParams, SqlValue } from "./store/store.ts";

/** In the order of `toRow`. */
const COLUMNS = [
  "at",
  "run_id",
  "automation",
  "tenant",
  "model",
  "source",
  "error",
  "answer_key",
  "requests",
  "input_tokens",
  "output_tokens",
  "cache_read_tokens",
  "cache_write_tokens",
  "reasoning_tokens",
  "usd",
  "saved_usd",
  "age_ms",
  "similarity",
  "wait_ms",
  "provider_ms",
  "ms",
  "is_background",
  "trail",
] as const;

const MATCHES = `
  at >= :from and at < :to
  and (:run_id is null or run_id = :run_id)
  and (:automation is null or automation = :automation)
  and (:tenant is null or tenant = :tenant)
  and (:model is null or model = :model)
  and (:source is null or source = :source)`;

const LIST = `select * from calls where id < :before and ${MATCHES} order by id desc limit :limit`;

const SUMS = `
  count(*) as calls, sum(requests) as requests, coalesce(sum(input_tokens), 0) as input_tokens,
  coalesce(sum(output_tokens), 0) as output_tokens, sum(cache_read_tokens) as cache_read_tokens,
  sum(cache_write_tokens) as cache_write_tokens, sum(reasoning_tokens) as reasoning_tokens,
  coalesce(sum(case when source = 'batch' then input_tokens + output_tokens end), 0) as batch_tokens, total(usd) as usd, total(saved_usd) as saved_usd,
  count(*) - count(usd) as unpriced`;

const BY: Readonly<Record<CallGrouping, string>> = {
  day: `select date(at / 1000, 'unixepoch') as name, ${SUMS} from calls where ${MATCHES} group by name order by name desc`,
  automation: `select automation as name, ${SUMS} from calls where ${MATCHES} group by name order by usd desc, calls desc`,
  tenant: `select tenant as name, ${SUMS} from calls where ${MATCHES} group by name order by usd desc, calls desc`,
  model: `select model as name, ${SUMS} from calls where ${MATCHES} group by name order by usd desc, calls desc`,
  source: `select source as name, ${SUMS} from calls where ${MATCHES} group by name order by usd desc, calls desc`,
};

/* Sums come from `call_days`, which the insert of a call keeps up to date; what of a day is asked for, from the calls themselves. */

const DAY_MS = 86_400_000;
/** The last day that has four digits for its year. */
const LAST_MS = Date.UTC(9999, 11, 31);
const KEYS = "automation, tenant, model, source";
const DAY_SUMS =
  "calls, requests, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, usd, saved_usd, unpriced";
const PART_OF_DAY = `
  select date(at / 1000, 'unixepoch') as day, coalesce(automation, '') as automation, coalesce(tenant, '') as tenant, model, source,
    1 as calls, requests, coalesce(input_tokens, 0) as input_tokens, coalesce(output_tokens, 0) as output_tokens, cache_read_tokens,
    cache_write_tokens, reasoning_tokens, coalesce(usd, 0) as usd, coalesce(saved_usd, 0) as saved_usd,
    case when usd is null then 1 else 0 end as unpriced
  from calls`;
const DAYS_AND_PARTS = `(
  select day, ${KEYS}, ${DAY_SUMS} from call_days where day >= :first_day and day < :last_day
  union all ${PART_OF_DAY} where at >= :from and at < :first and at < :to
  union all ${PART_OF_DAY} where at >= :last and at >= :first and at < :to) as summed`;
const SUMS_OF_DAYS = `
  sum(calls) as calls, sum(requests) as requests, sum(input_tokens) as input_tokens, sum(output_tokens) as output_tokens,
  sum(cache_read_tokens) as cache_read_tokens, sum(cache_write_tokens) as cache_write_tokens,
  sum(reasoning_tokens) as reasoning_tokens,
  coalesce(sum(case when source = 'batch' then input_tokens + output_tokens end), 0) as batch_tokens, sum(usd) as usd, sum(saved_usd) as saved_usd,
  sum(unpriced) as unpriced`;
const OF_DAYS = `${SUMS_OF_DAYS} from ${DAYS_AND_PARTS}
  where (:automation is null or automation = :automation) and (:tenant is null or tenant = :tenant)
    and (:model is null or model = :model) and (:source is null or source = :source)`;

const BY_DAYS: Readonly<Record<CallGrouping, string>> = {
  day: `select day as name, ${OF_DAYS} group by name order by name desc`,
  automation: `select nullif(automation, '') as name, ${OF_DAYS} group by 1 order by usd desc, calls desc`,
  tenant: `select nullif(tenant, '') as name, ${OF_DAYS} group by 1 order by usd desc, calls desc`,
  model: `select model as name, ${OF_DAYS} group by name order by usd desc, calls desc`,
  source: `select source as name, ${OF_DAYS} group by name order by usd desc, calls desc`,
};

const DELETE = `
  delete from calls where id in (select id from calls where at < :at order by at limit :limit)`;

/** Keeps the ledger of calls in the store's database. */
export function createCallLedgerStore(db: Database): CallLedgerStore {
  return {
    async insert(records) {
      await db.insertMany({ into: "calls", columns: COLUMNS, rows: records.map(toRow) });
    },
    async list(filter, { before = Number.MAX_SAFE_INTEGER, limit }) {
      const rows = await db.all(LIST, { ...toParams(filter), before, limit });
      const calls = rows.map((row) => Object.assign(toRecord(row), { id: number(row, "id") }));
      return { calls, next: calls.length < limit ? null : (calls.at(-1)?.id ?? null) };
    },
    async summary(by, filter) {
      if (filter.runId !== undefined) return (await db.all(BY[by], toParams(filter))).map(toSum);
      const { run_id: _none, ...params } = toParams(filter);
      return (await db.all(BY_DAYS[by], { ...params, ...wholeDays(filter) })).map(toSum);
    },
    async deleteBefore(at, limit) {
      const [result] = (await db.write([{ sql: DELETE, params: { at, limit } }])) ?? [];
      return result?.changes ?? 0;
    },
  };
}

/** The whole days of a span, and where they begin and end. */
function wholeDays({ from = 0, to = LAST_MS }: CallFilter): SqlParams {
  const first = Math.ceil(Math.max(0, from) / DAY_MS) * DAY_MS;
  const last = Math.max(first, Math.floor(Math.min(to, LAST_MS) / DAY_MS) * DAY_MS);
  return { first, last, first_day: dayOf(first), last_day: dayOf(last) };
}

function dayOf(at: number): string {
  return new Date(Math.min(at, LAST_MS)).toISOString().slice(0, 10);
}

function toParams({
  from = 0,
  to = Number.MAX_SAFE_INTEGER,
  runId,
  automation,
  tenant,
  model,
  source,
}: CallFilter): SqlParams {
  return {
    from,
    to,
    run_id: runId ?? null,
    automation: automation ?? null,
    tenant: tenant ?? null,
    model: model ?? null,
    source: source ?? null,
  };
}

function toRow(call: CallRecord): readonly SqlValue[] {
  return [
    call.at,
    call.runId,
    call.automation,
    call.tenant,
    call.model,
    call.source,
    call.error,
    call.key,
    call.requests,
    call.inputTokens,
    call.outputTokens,
    call.cacheReadTokens,
    call.cacheWriteTokens,
    call.reasoningTokens,
    call.usd,
    call.savedUsd,
    call.ageMs,
    call.similarity,
    call.waitMs,
    call.providerMs,
    call.ms,
    call.isBackground ? 1 : 0,
    call.trail.length === 0 ? null : JSON.stringify(call.trail),
  ];
}

function toRecord(row: Row): CallRecord {
  return {
    at: number(row, "at"),
    runId: textOrNull(row, "run_id"),
    automation: textOrNull(row, "automation"),
    tenant: textOrNull(row, "tenant"),
    model: text(row, "model"),
    source: text(row, "source") as CallRecord["source"],
    error: textOrNull(row, "error"),
    key: textOrNull(row, "answer_key"),
    requests: number(row, "requests"),
    inputTokens: numberOrNull(row, "input_tokens"),
    outputTokens: numberOrNull(row, "output_tokens"),
    cacheReadTokens: number(row, "cache_read_tokens"),
    cacheWriteTokens: number(row, "cache_write_tokens"),
    reasoningTokens: number(row, "reasoning_tokens"),
    usd: numberOrNull(row, "usd"),
    savedUsd: numberOrNull(row, "saved_usd"),
    ageMs: numberOrNull(row, "age_ms"),
    similarity: numberOrNull(row, "similarity"),
    waitMs: number(row, "wait_ms"),
    providerMs: number(row, "provider_ms"),
    ms: number(row, "ms"),
    isBackground: number(row, "is_background") === 1,
    trail: JSON.parse(textOrNull(row, "trail") ?? "[]") as CallRecord["trail"],
  };
}

function toSum(row: Row): CallSum {
  return {
    group: textOrNull(row, "name"),
    calls: number(row, "calls"),
    requests: number(row, "requests"),
    inputTokens: number(row, "input_tokens"),
    outputTokens: number(row, "output_tokens"),
    cacheReadTokens: number(row, "cache_read_tokens"),
    cacheWriteTokens: number(row, "cache_write_tokens"),
    reasoningTokens: number(row, "reasoning_tokens"),
    batchTokens: number(row, "batch_tokens"),
    usd: number(row, "usd"),
    savedUsd: number(row, "saved_usd"),
    unpriced: number(row, "unpriced"),
  };
}
