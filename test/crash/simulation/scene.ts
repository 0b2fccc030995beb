import { z } from "zod";
import type { Random } from "../../../src/core/random.ts";
import { type AnyAutomation, type AutomationContext, defineAutomation } from "../../../src/runs/automation.ts";
import type { Engine } from "../../../src/runs/engine.ts";
import { event } from "../../../src/runs/event-type.ts";
import { on } from "../../../src/runs/trigger.ts";
import type { SimulatedStore } from "./store.ts";

/* What happens in the worlds. A scene is what one part of the engine is for: automations, what somebody outside does to them, and what must
   have become of it in the end, whatever the weather. Whoever is outside does again what was not acknowledged, under the same keys. */

export interface Scene {
  readonly automations: readonly AnyAutomation[];
  /** Draws one instance of it. */
  readonly cast: (random: Random) => Cast;
}

export interface Cast {
  readonly orders: readonly Order[];
  /** What must be true at the end, in words when it is not. */
  readonly judge: (outcome: Outcome) => readonly string[];
}

/** What somebody outside does: some time after a start, again and again until it is acknowledged. */
export interface Order {
  readonly afterMs: number;
  readonly act: (engine: Engine, health: Bodies["health"]) => Promise<void>;
}

export interface Outcome {
  readonly store: Pick<SimulatedStore, "all">;
  /** When the runs of an automation might start as they were admitted, in order. */
  readonly plannedAt: (automation: string) => readonly number[];
  /** Whether somebody set the clock back: then what counts by the clock comes out otherwise. */
  readonly wentBack: boolean;
  /** Whether somebody set the clock at all: what was not planned yet may have been passed over. */
  readonly wasSet: boolean;
  /** Whether the disk was full for a while. */
  readonly wasFull: boolean;
  /** Whether power failed: then what was done outside may have been done again. */
  readonly lostPower: boolean;
}

/** What a life hands to its runs. */
export interface Bodies {
  /** A step's body begins. */
  readonly begin: (step: string) => void;
  readonly luck: () => number;
  /** Steps that are sick fail until they are mended. */
  readonly health: { isWell: boolean };
}

export type Context = AutomationContext<{ readonly data: z.infer<typeof Keyed> }> & Bodies;

export const failForGood = (message: string): never => {
  throw Object.assign(new Error(message), { isRetryable: false });
};

export const Keyed = z.object({ key: z.string(), n: z.number() });
export const Go = event("go", z.object({ run: z.string() }), { match: ({ run }) => run });
const manual = on.manual(Keyed);
export const dataOf = ({ event: { data } }: AutomationContext<{ readonly data: z.infer<typeof Keyed> }>) => data;

export function body(name: string, run: (context: Context) => Promise<unknown>, options: object = {}): AnyAutomation {
  return defineAutomation(name, { on: [manual], retry: { attempts: 4, backoffMs: 300 }, ...options }, run as never);
}

export const one = async (context: Context): Promise<unknown> =>
  context.step.run("only", () => (context.begin("only"), null));
