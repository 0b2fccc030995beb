import { number, text } from "../row.ts";
import type { AdmitMerge, AdmitParams, AdmitResult, SqlParams, Statement, StatementResult } from "../store.ts";
import * as sql from "./run-sql.ts";

/** The statements of an admission, and how to read what became of it from their results. */
export interface Admission {
  readonly statements: readonly Statement[];
  readonly read: (results: readonly StatementResult[]) => AdmitResult;
}

export function admission(params: AdmitParams): Admission {
  const { merge, rate } = params;
  if (merge !== undefined) return merged(params, merge);
  return rate === undefined ? plain(params) : rated(params, rate);
}

function plain(params: AdmitParams): Admission {
  const { id, key } = params;
  const facts = { ...factsOf(params), ...startOf(params) };
  if (key === undefined) {
    return {
      statements: [{ sql: sql.ADMIT, params: facts }],
      read: () => ({ runId: id, isNew: true, isDropped: false }),
    };
  }
  return {
    statements: [takeKey(sql.TAKE_KEY, params, key), { sql: sql.ADMIT_GUARDED, params: facts }, holder(params, key)],
    read: ([taken, , held]) => ({ runId: holderIn(held) ?? id, isNew: taken?.changes === 1, isDropped: false }),
  };
}

function rated(params: AdmitParams, { key: rateKey, limit, perMs, over }: NonNullable<AdmitParams["rate"]>): Admission {
  const { id, automation, key, now } = params;
  const bucket = { automation, rateKey, interval: perMs / limit, now, key: key ?? null };
  const take: Statement =
    over === "drop" ? { sql: sql.RATE_DROP, params: { ...bucket, perMs } } : { sql: sql.RATE_DELAY, params: bucket };
  const facts = factsOf(params);
  const admit: Statement =
    over === "drop"
      ? { sql: sql.ADMIT_GUARDED, params: { ...facts, ...startOf(params) } }
      : { sql: sql.ADMIT_RATED, params: { ...facts, availableAt: params.availableAt ?? now, rateKey, perMs } };
  const keyed = key === undefined ? [] : [takeKey(sql.TAKE_KEY_RATED, params, key)];
  const looked = key === undefined ? [] : [holder(params, key)];
  return {
    statements: [take, ...keyed, admit, ...looked],
    read(results) {
      // The token, or the key behind it: what the admission itself hangs on.
      const isNew = results[keyed.length]?.changes === 1;
      const held = key === undefined ? undefined : holderIn(results.at(-1));
      return { runId: held ?? id, isNew, isDropped: !isNew && held === undefined };
    },
  };
}

function merged(params: AdmitParams, merge: AdmitMerge): Admission {
  const { id, key, now } = params;
  const keyed: Statement[] =
    key === undefined
      ? []
      : [
          {
            sql: sql.TAKE_KEY_MERGED,
            params: { automation: params.automation, key, id, mergeKey: merge.key },
          },
        ];
  const guard = key === undefined ? "free" : "guarded";
  const facts = { ...factsOf(params), mergeKey: merge.key };
  const join: Statement =
    merge.kind === "debounce"
      ? {
          sql: sql.DEBOUNCE[guard],
          params: { ...facts, availableAt: now + Math.min(merge.forMs, merge.maxMs), until: now + merge.maxMs },
        }
      : { sql: sql.BATCH[guard], params: { ...facts, availableAt: now + merge.waitMs, max: merge.max } };
  const looked = key === undefined ? [] : [holder(params, key)];
  return {
    statements: [...keyed, join, ...looked],
    read(results) {
      const row = results[keyed.length]?.rows[0];
      if (row === undefined) return { runId: holderIn(results.at(-1)) ?? id, isNew: false, isDropped: false };
      return { runId: text(row, "id"), isNew: number(row, "merged") === 1, isDropped: false };
    },
  };
}

function factsOf(params: AdmitParams): SqlParams {
  const { id, automation, version = 1, event, parent = null, priority = 0, concurrencyKey = null, now } = params;
  return { id, automation, version, event, parent, priority, concurrencyKey, now };
}

function startOf({ now, availableAt = now }: AdmitParams): SqlParams {
  return { lane: availableAt > now ? "later" : "ready", availableAt };
}

function takeKey(statement: string, { automation, id }: AdmitParams, key: string): Statement {
  return { sql: statement, params: { automation, key, id } };
}

function holder({ automation }: AdmitParams, key: string): Statement {
  return { sql: sql.HOLDER_OF_KEY, params: { automation, key } };
}

function holderIn(result: StatementResult | undefined): string | undefined {
  const row = result?.rows[0];
  return row === undefined ? undefined : text(row, "run");
}
