import { HOLDER_OF_KEY } from "../sqlite/run-sql.ts";
import { number, text } from "../row.ts";
import type {
  AdmitMerge,
  AdmitParams,
  AdmitRate,
  AdmitResult,
  SqlParams,
  Statement,
  StatementResult,
} from "../store.ts";
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
  const facts = plainFacts(params);
  if (key === undefined) {
    return {
      statements: [{ sql: sql.ADMIT, params: facts }],
      read: () => ({ runId: id, isNew: true, isDropped: false }),
    };
  }
  return {
    statements: [{ sql: sql.ADMIT_KEYED, params: { ...facts, key } }, holder(params, key)],
    read: ([admitted, held]) => ({ runId: holderIn(held) ?? id, isNew: admitted?.changes === 1, isDropped: false }),
  };
}

function rated(params: AdmitParams, { key: rateKey, limit, perMs, over }: AdmitRate): Admission {
  const { id, automation, key, now, availableAt = now } = params;
  const isKeyed = key !== undefined;
  const bucket = { rateKey, interval: perMs / limit, perMs, availableAt };
  const admit: Statement = {
    sql: sql.admitRated({ isKeyed, isDropping: over === "drop" }),
    params: { ...factsOf(params), ...bucket, ...(isKeyed ? { key } : {}) },
  };
  const locked = isKeyed ? [{ sql: sql.LOCK_KEY, params: { automation, key } }] : [];
  return {
    statements: [...locked, admit, ...(isKeyed ? [holder(params, key)] : [])],
    read(results) {
      const isNew = results[locked.length]?.changes === 1;
      const held = isKeyed ? holderIn(results.at(-1)) : undefined;
      return { runId: held ?? id, isNew, isDropped: !isNew && held === undefined };
    },
  };
}

function merged(params: AdmitParams, merge: AdmitMerge): Admission {
  const { id, automation, key, now } = params;
  const isKeyed = key !== undefined;
  const facts = { ...factsOf(params), mergeKey: merge.key, ...(isKeyed ? { key } : {}) };
  const join: Statement =
    merge.kind === "debounce"
      ? {
          sql: sql.debounce(isKeyed),
          params: { ...facts, availableAt: now + Math.min(merge.forMs, merge.maxMs), until: now + merge.maxMs },
        }
      : { sql: sql.batch(isKeyed), params: { ...facts, availableAt: now + merge.waitMs, max: merge.max } };
  return {
    statements: [
      { sql: sql.LOCK_MERGE, params: { automation, mergeKey: merge.key } },
      join,
      ...(isKeyed ? [holder(params, key)] : []),
    ],
    read(results) {
      const row = results[1]?.rows[0];
      if (row === undefined) return { runId: holderIn(results.at(-1)) ?? id, isNew: false, isDropped: false };
      return { runId: text(row, "id"), isNew: number(row, "merged") === 1, isDropped: false };
    },
  };
}

/** The facts of a run without key, rate or merge. */
export function plainFacts(params: AdmitParams): SqlParams {
  return { ...factsOf(params), ...startOf(params) };
}

function factsOf(params: AdmitParams): SqlParams {
  const { id, automation, version = 1, event, parent = null, priority = 0, concurrencyKey = null, now } = params;
  return { id, automation, version, event, parent, priority, concurrencyKey, now };
}

function startOf({ now, availableAt = now }: AdmitParams): SqlParams {
  return { lane: availableAt > now ? "later" : "ready", availableAt };
}

function holder({ automation }: AdmitParams, key: string): Statement {
  return { sql: HOLDER_OF_KEY, params: { automation, key } };
}

function holderIn(result: StatementResult | undefined): string | undefined {
  const row = result?.rows[0];
  return row === undefined ? undefined : text(row, "run");
}
