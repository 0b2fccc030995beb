import { type Database, isErrorCode, text } from "millrace";
import type { Backtest, RuleCore } from "../backtest/backtest.ts";
import { namedIn } from "../backtest/named-in.ts";
import { testRules } from "../backtest/test-rules.ts";
import type { EntityFacts } from "../domain/names.ts";
import { type FactsOf, sentenceOf } from "../domain/sentence.ts";
import { describeEntity } from "../events/describe-entity.ts";
import { entitiesOf } from "../events/entities.ts";
import { requireHome } from "../events/homes.ts";
import { applyEdits, type KnownEntity, type RuleEdit } from "./rule-edit.ts";
import { differenceOf, type RuleChange } from "./rule-difference.ts";

/** A rule as it would be after some edits, beside what it is. */
export interface Trial {
  readonly rule: RuleCore;
  readonly sentence: { readonly before: string; readonly after: string };
  /** As Home Assistant would store it; null for a rule that foretells what nobody can set. */
  readonly yaml: { readonly before: string | null; readonly after: string | null };
  readonly difference: readonly RuleChange[];
  readonly before: Backtest;
  readonly after: Backtest;
}

export interface TryEditsParams {
  readonly db: Database;
  /** The home's name. */
  readonly home: string;
  readonly rule: RuleCore;
  readonly edits: readonly RuleEdit[];
  readonly signal?: AbortSignal | undefined;
}

/** Of a home that never said which it runs. */
const RECENT_VERSION = "2026.1.0";
const VERSION = "select version from home_links where home = :home";

/** Changes a rule without keeping the change, and lets both forms run over the home's history. Throws INPUT_INVALID, or NOT_FOUND for the home. */
export async function tryEdits({ db, home, rule, edits, signal }: TryEditsParams): Promise<Trial> {
  const known = await requireHome(db, home);
  const asked = edits.flatMap((edit) => (edit.edit === "while" ? [edit.entity_id] : []));
  const described = await Promise.all([...new Set(asked)].map((id) => knownEntity(db, home, id)));
  const after = applyEdits(rule, edits, (id) => described.find((entity) => entity?.id === id));
  const factsOf = await factsOfHome(db, known.key, [...namedIn(rule), ...namedIn(after)]);
  const [tests, link] = await Promise.all([
    testRules({ db, home, rules: [rule, after], signal }),
    db.get(VERSION, { home: known.key }),
  ]);
  const [was, is] = tests as [Backtest, Backtest];
  const version = link === undefined ? RECENT_VERSION : text(link, "version");
  const sentence = { before: sentenceOf(rule, factsOf), after: sentenceOf(after, factsOf) };
  return {
    rule: after,
    sentence,
    yaml: {
      before: await yamlOf(rule, { version, description: sentence.before }),
      after: await yamlOf(after, { version, description: sentence.after }),
    },
    difference: differenceOf(rule, after, factsOf),
    before: was,
    after: is,
  };
}

/** A device with the states it was seen in; undefined: the home has it not. */
export async function knownEntity(db: Database, home: string, id: string): Promise<KnownEntity | undefined> {
  try {
    const { states } = await describeEntity({ db, home, entityId: id });
    return { id, states: Object.keys(states) };
  } catch (error) {
    if (isErrorCode(error, "NOT_FOUND")) return undefined;
    throw error;
  }
}

/** What is known of some devices of a home, to name them. */
export async function factsOfHome(db: Database, home: number, ids: readonly string[]): Promise<FactsOf> {
  const wanted = new Set(ids);
  const facts = new Map<string, EntityFacts>();
  for (const entity of await entitiesOf(db, home)) if (wanted.has(entity.id)) facts.set(entity.id, entity);
  return (id) => facts.get(id);
}

async function yamlOf(
  rule: RuleCore,
  { version, description }: { readonly version: string; readonly description: string },
): Promise<string | null> {
  const [{ compile }, { toYaml }] = await Promise.all([import("../deploy/compile.ts"), import("../deploy/yaml.ts")]);
  try {
    return toYaml(compile({ rule, version, id: "millrace_trial", alias: "Trial", description }));
  } catch (error) {
    if (isErrorCode(error, "INPUT_INVALID")) return null;
    throw error;
  }
}
