import { chanceOf } from "../chance.ts";
import type { FaultRule, FaultSpec } from "./fault.ts";

/** What a rule looks at. */
export interface Call {
  readonly model: string;
  /** The path, or `batch` for an item of a batch. */
  readonly route: string;
  /** The question's name, and how often it was asked before: what chance depends on. */
  readonly name: string;
  readonly repeat: number;
  /** Milliseconds since the start or the last reset. */
  readonly atMs: number;
}

/** Rules with how many calls each has matched. */
export interface Rules {
  find(call: Call): FaultSpec | undefined;
  /** Counts from 0 again. */
  reset(): void;
}

export function createRules(rules: readonly FaultRule[], seed: number): Rules {
  const entries = rules.map((rule, index) => ({
    rule,
    index,
    model: toPattern(rule.model ?? "*"),
    route: rule.route === undefined ? undefined : toPattern(rule.route),
    seen: 0,
  }));

  return {
    find(call) {
      for (const entry of entries) {
        const { rule, index, model, route } = entry;
        if (!model.test(call.model) || !(route?.test(call.route) ?? call.route !== "batch")) continue;
        const { fromMs = 0, untilMs = Number.POSITIVE_INFINITY } = rule;
        if (call.atMs < fromMs || call.atMs >= untilMs) continue;
        entry.seen += 1;
        if (!isTurn(rule, entry.seen)) continue;
        const { share = 1 } = rule;
        if (share < 1 && chanceOf(seed, "rule", index, call.name, call.repeat).next() >= share) continue;
        return rule;
      }
      return undefined;
    },
    reset() {
      for (const entry of entries) entry.seen = 0;
    },
  };
}

function isTurn({ nth, every, first }: FaultRule, seen: number): boolean {
  if (nth !== undefined && !nth.includes(seen)) return false;
  if (every !== undefined && seen % every !== 0) return false;
  return first === undefined || seen <= first;
}

function toPattern(wanted: string): RegExp {
  const parts = wanted.split("*").map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join(".*")}$`);
}
