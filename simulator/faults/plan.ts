import { chanceOf, drawFault } from "../chance.ts";
import type { Behaviour } from "../options.ts";
import { failoverRules, isFailoverModel } from "./failover.ts";
import { FAULTS, type Fault, type FaultSpec } from "./fault.ts";
import { type Call, createRules, type Rules } from "./rules.ts";

/** Decides what goes wrong with each request. */
export interface FaultPlan {
  /** A header's wish comes first, then the failover tests' models, the script, the rules, and chance. */
  next(call: Call, wish: string | undefined): FaultSpec | undefined;
  /** Only what rules say of items of batches. */
  nextItem(call: Call): FaultSpec | undefined;
  /** What is left of the script. */
  script(): Behaviour["script"];
  /** Counts from 0 again; what of the script has happened stays. */
  reset(): void;
}

export function createFaultPlan(behaviour: Behaviour, seed: number): FaultPlan {
  const rules = createRules(behaviour.rules, seed);
  const failover: Rules = createRules(failoverRules(behaviour.failoverTimings), seed);
  let scripted = 0;

  return {
    next(call, wish) {
      if (wish !== undefined) return parseWish(wish);
      if (isFailoverModel(call.model)) return failover.find(call);
      const planned = behaviour.script[scripted];
      if (planned !== undefined) {
        scripted += 1;
        if (planned === "none") return undefined;
        return typeof planned === "string" ? { fault: planned } : planned;
      }
      const found = rules.find(call);
      if (found !== undefined) return found;
      const drawn = drawFault(behaviour, chanceOf(seed, "fault", call.name, call.repeat));
      return drawn === undefined ? undefined : { fault: drawn };
    },
    nextItem: (call) => rules.find({ ...call, route: "batch" }),
    script: () => behaviour.script.slice(scripted),
    reset() {
      rules.reset();
      failover.reset();
    },
  };
}

/** Parameters of a header's wish, and the fields that they set. */
const PARAMETERS: Readonly<Record<string, "retryAfterSeconds" | "delayMs" | "afterTokens" | "skewMs">> = {
  "retry-after": "retryAfterSeconds",
  "delay-ms": "delayMs",
  "after-tokens": "afterTokens",
  "skew-ms": "skewMs",
};

/** Reads `fault; name=number; …`, and says undefined for `none` and for what cannot be read. */
function parseWish(wish: string): FaultSpec | undefined {
  const [name = "", ...parameters] = wish.split(";").map((part) => part.trim());
  if (!isFault(name)) return undefined;
  const fields = parameters.flatMap((parameter) => {
    const [key = "", value = ""] = parameter.split("=");
    const field = PARAMETERS[key.trim()];
    return field === undefined || !Number.isFinite(Number(value)) ? [] : [[field, Number(value)] as const];
  });
  return { fault: name, ...Object.fromEntries(fields) };
}

/** Asks whether a text names a fault. */
export function isFault(value: unknown): value is Fault {
  return FAULTS.some((fault) => fault === value);
}
