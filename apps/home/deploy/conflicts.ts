import { type AutomationConfig, type ConfigObject, type ConfigValue, isObject, listOf } from "./automation-config.ts";
import { fingerprintOf, normalise } from "./normal-form.ts";
import { entityIdsOf } from "./safety.ts";
import { actionOf, triggerOf } from "./to-rule.ts";

/** An automation that the home has already. */
export interface ExistingAutomation {
  /** Of the entity, such as automation.hall. */
  readonly entityId: string;
  readonly alias: string;
  /** Undefined: it was written by hand without an id, or stands in a file that the home's interface does not give out. */
  readonly config: AutomationConfig | undefined;
  readonly isOn: boolean;
}

/** `duplicate`: it does the same; `contrary`: it brings the same device to another state at the same moment; `undone`: it undoes what ours does; `loop`: each starts the other. */
export type ConflictKind = "duplicate" | "contrary" | "undone" | "loop";

export interface Conflict {
  readonly kind: ConflictKind;
  /** The entity of the other automation. */
  readonly automation: string;
  readonly alias: string;
  readonly message: string;
}

/** Two clock times nearer than this are one moment. */
const SAME_MOMENT_MIN = 5;
/** How many automations a chain that comes back to ours may go through. */
const LONGEST_CHAIN = 4;

interface Effect {
  readonly entityId: string;
  readonly to: string;
}

interface Facts {
  readonly triggers: readonly ConfigObject[];
  readonly effects: readonly Effect[];
}

/** Compares an automation with those that the home has. Those that are switched off count: they may be switched on. */
export function findConflicts(ours: AutomationConfig, others: readonly ExistingAutomation[]): readonly Conflict[] {
  const id = normalise(ours).id;
  const known = others.flatMap(({ config, ...about }) =>
    config === undefined || normalise(config).id === id ? [] : [{ ...about, config, facts: factsOf(config) }],
  );
  const facts = factsOf(ours);
  const print = fingerprintOf(ours);
  return known.flatMap(({ entityId: automation, alias, config, facts: other }) => {
    const conflict = (kind: ConflictKind, message: string): Conflict => ({ kind, automation, alias, message });
    if (fingerprintOf(config) === print) return [conflict("duplicate", `"${alias}" does the same already.`)];
    const found: Conflict[] = [];
    const contrary = facts.effects.find((effect) => other.effects.some((each) => isContrary(effect, each)));
    if (contrary !== undefined && shareMoment(facts.triggers, other.triggers)) {
      found.push(conflict("contrary", `"${alias}" brings ${contrary.entityId} to another state at the same moment.`));
    }
    const started = facts.effects.find((effect) => isStartedBy(other, effect));
    if (started === undefined) return found;
    const undone = other.effects.find((effect) => facts.effects.some((each) => isContrary(each, effect)));
    if (undone !== undefined) {
      found.push(
        conflict(
          "undone",
          `"${alias}" brings ${undone.entityId} to "${undone.to}" once ${started.entityId} is "${started.to}".`,
        ),
      );
    }
    if (
      comesBack(
        other,
        facts,
        known.map((each) => each.facts),
      )
    ) {
      found.push(conflict("loop", `"${alias}" is started by this one and starts it again.`));
    }
    return found;
  });
}

/** Whether a chain that begins with `first` starts `goal`. */
function comesBack(first: Facts, goal: Facts, all: readonly Facts[]): boolean {
  let reached = [first];
  const seen = new Set(reached);
  for (let length = 0; length < LONGEST_CHAIN && reached.length > 0; length += 1) {
    const effects = reached.flatMap(({ effects }) => effects);
    if (effects.some((effect) => isStartedBy(goal, effect))) return true;
    reached = all.filter((facts) => !seen.has(facts) && effects.some((effect) => isStartedBy(facts, effect)));
    for (const facts of reached) seen.add(facts);
  }
  return false;
}

function isContrary(a: Effect, b: Effect): boolean {
  return a.entityId === b.entityId && a.to !== b.to;
}

function isStartedBy({ triggers }: Facts, { entityId, to }: Effect): boolean {
  return triggers.some((trigger) => {
    if (trigger["trigger"] !== "state" || !entityIdsOf(trigger["entity_id"]).includes(entityId)) return false;
    const states = listOf(trigger["to"]).map(String);
    return states.length === 0 || states.includes(to);
  });
}

function shareMoment(ours: readonly ConfigObject[], theirs: readonly ConfigObject[]): boolean {
  return ours.some((a) => theirs.some((b) => isSameMoment(a, b)));
}

function isSameMoment(a: ConfigObject, b: ConfigObject): boolean {
  const [first, second] = [triggerOf(a), triggerOf(b)];
  if (first?.type === "time" && second?.type === "time") {
    const apart = Math.abs(minutesOf(first.at) - minutesOf(second.at));
    return Math.min(apart, 1_440 - apart) <= SAME_MOMENT_MIN;
  }
  if (first?.type === "sun" && second?.type === "sun") {
    return first.event === second.event && Math.abs(first.offset_min - second.offset_min) <= SAME_MOMENT_MIN;
  }
  if (a["trigger"] !== "state" || b["trigger"] !== "state") return false;
  const entities = new Set(entityIdsOf(a["entity_id"]));
  if (!entityIdsOf(b["entity_id"]).some((id) => entities.has(id))) return false;
  const [mine, other] = [listOf(a["to"]).map(String), listOf(b["to"]).map(String)];
  return mine.length === 0 || other.length === 0 || mine.some((state) => other.includes(state));
}

function minutesOf(clock: string): number {
  return Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5));
}

function factsOf(config: AutomationConfig): Facts {
  const { triggers, actions } = normalise(config);
  return { triggers, effects: actions.flatMap((action) => effectsOf(action)) };
}

/** What a tree of actions may do, whatever the branch. */
function effectsOf(action: ConfigValue): readonly Effect[] {
  if (Array.isArray(action)) return (action as readonly ConfigValue[]).flatMap(effectsOf);
  if (!isObject(action)) return [];
  const done = actionOf(action);
  if (done !== undefined) return done.entity_ids.map((entityId) => ({ entityId, to: done.to }));
  return Object.entries(action)
    .filter(([key]) => key !== "data" && key !== "target")
    .flatMap(([, value]) => (typeof value === "object" ? effectsOf(value) : []));
}
