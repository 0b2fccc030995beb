import type { Clock } from "../core/clock.ts";
import type { Answer } from "./answer.ts";
import type { Factory } from "./cache.ts";
import type { Invalidations, Moment } from "./invalidation.ts";
import type { ResolvedPolicy } from "./policies.ts";
import { runFactory } from "./run-factory.ts";
import type { Store } from "./storing.ts";
import type { Telemetry } from "./telemetry.ts";
import type { UpperLevel } from "./upper-level.ts";

export interface MakeParams {
  readonly key: string;
  readonly factory: Factory<unknown>;
  readonly policy: ResolvedPolicy;
  readonly signal: AbortSignal;
  /** Those the factory finds are added. */
  readonly tags: Set<string>;
  readonly moment: Moment;
  /** What may be served when the factory fails; asked only then. */
  readonly stale: () => Answer | undefined;
  /** Asked when it is stored: false when something newer was. What began earlier may not be stored from then on. */
  readonly mayStore: () => boolean;
}

export interface MakingOptions {
  readonly store: Store;
  readonly upper: UpperLevel;
  readonly invalidations: Invalidations;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
}

/** Runs a factory and stores what it made; when it fails, what is stale may stand in, or the error is kept. */
export type Make = (params: MakeParams) => Promise<Answer>;

export function createMake({ store, upper, invalidations, telemetry, clock }: MakingOptions): Make {
  function isServable(key: string, { meta }: Answer, boundMs: number): boolean {
    const now = clock.now();
    return now < meta.deadAt && now < meta.staleAt + boundMs && invalidations.judge(key, meta) !== "evicted";
  }

  return async ({ key, factory, policy, signal, tags, moment, stale, mayStore }) => {
    const counting = telemetry.of(key);
    const startedAt = clock.monotonic();
    const kept = { policy, tags, moment, mustEncode: false };
    counting.factoryRuns++;
    try {
      const made = await runFactory({ key, factory, signal, tags, timeoutMs: policy.factoryTimeoutMs, clock });
      const { value, ttlMs } = made;
      const meta = store(key, { ...kept, value, ttlMs, isError: false, isStored: made.isKept && mayStore() });
      telemetry.refreshed(key, true, startedAt);
      return { value, meta, source: "fresh", mutation: policy.mutation };
    } catch (error) {
      if (signal.aborted) throw error;
      counting.factoryFailures++;
      telemetry.refreshed(key, false, startedAt);
      upper.holdBack(key);
      const answer = stale();
      if (answer !== undefined && isServable(key, answer, policy.staleIfErrorMs)) return answer;
      if (policy.negativeTtlMs > 0 && isNegative(policy, error))
        store(key, { ...kept, value: error, isError: true, isStored: mayStore() });
      throw error;
    }
  };
}

/** A test of the caller's that fails decides nothing: the factory's own error is what everybody must hear of. */
function isNegative(policy: ResolvedPolicy, error: unknown): boolean {
  try {
    return policy.isNegative(error);
  } catch {
    return false;
  }
}
