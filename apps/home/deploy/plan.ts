import type { SuggestionView } from "../api.ts";
import { readHomeFacts } from "../home-assistant/home-config.ts";
import type { Connection } from "../home-assistant/connection.ts";
import type { StateNow } from "../home-assistant/registries.ts";
import type { AutomationConfig } from "./automation-config.ts";
import { compile } from "./compile.ts";
import { type Conflict, type ExistingAutomation, findConflicts } from "./conflicts.ts";
import { type Approval, automationIdOf } from "./deployment-store.ts";
import { readAutomation, readAutomations, readStates } from "./home-automations.ts";
import { contentHash } from "./normal-form.ts";
import { checkSafety, type SafetyReport } from "./safety.ts";
import { toYaml } from "./yaml.ts";

/** What would be written to a home, and all that is known against it. Nothing was written. */
export interface Plan {
  readonly config: AutomationConfig;
  readonly yaml: string;
  /** Of the content: two ways of writing the same have one. */
  readonly hash: string;
  readonly haVersion: string;
  readonly safety: SafetyReport;
  /** Those that were not accepted by name. */
  readonly conflicts: readonly Conflict[];
  /** Devices of the rule that the home does not have any more. */
  readonly missing: readonly string[];
  /** Automations whose text the home does not give out: they were not compared. */
  readonly unread: readonly string[];
  /** What stands in the home under the same id; null: nothing does. */
  readonly current: { readonly yaml: string; readonly hash: string } | null;
}

export interface MakePlanParams {
  readonly connection: Connection;
  readonly suggestion: SuggestionView;
  readonly approval: Pick<Approval, "optIn" | "accepts">;
  readonly signal: AbortSignal;
}

/** Compiles a suggestion for its home and checks it against what the home is and has. */
export async function makePlan({ connection, suggestion, approval, signal }: MakePlanParams): Promise<Plan> {
  const id = automationIdOf(suggestion.id);
  const [facts, states] = await Promise.all([readHomeFacts(connection, signal), readStates(connection, signal)]);
  const existing = await readAutomations(connection, states, signal);
  const before = await readAutomation(connection, id, signal);
  const alias = freeAlias(suggestion.title, { id, existing, states });
  const { rule, sentence } = suggestion;
  const config = compile({ rule, version: facts.version, id, alias, description: sentence });
  const { optIn, accepts } = approval;
  const conflicts = findConflicts(config, existing).filter(({ automation }) => !accepts.includes(automation));
  return {
    config,
    yaml: toYaml(config),
    hash: contentHash(config),
    haVersion: facts.version,
    safety: checkSafety({ config, states, optIn, temperatureUnit: facts.temperatureUnit }),
    conflicts,
    missing: entitiesOf(suggestion).filter((entityId) => !states.has(entityId)),
    unread: existing.filter(({ config }) => config === undefined).map(({ entityId }) => entityId),
    current: before === null ? null : { yaml: toYaml(before), hash: contentHash(before) },
  };
}

/** The name that people read; one that another automation bears gets the end of our id behind it. */
function freeAlias(
  title: string,
  home: {
    readonly id: string;
    readonly existing: readonly ExistingAutomation[];
    readonly states: ReadonlyMap<string, StateNow>;
  },
): string {
  const isTaken = home.existing.some(
    ({ alias, entityId }) => alias === title && home.states.get(entityId)?.attributes["id"] !== home.id,
  );
  return isTaken ? `${title} (${home.id.slice(-4)})` : title;
}

/** Every device that a rule looks at or acts on. */
function entitiesOf({ rule: { trigger, conditions, action } }: SuggestionView): readonly string[] {
  const watched = trigger.type === "state" ? [trigger.entity_id] : [];
  const asked = conditions.flatMap((condition) => (condition.type === "state" ? [condition.entity_id] : []));
  return [...new Set([...watched, ...asked, ...action.entity_ids])];
}
