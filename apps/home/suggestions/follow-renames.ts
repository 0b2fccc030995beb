import { type Database, json, type Row, type Statement, text } from "millrace";
import type { Rule, RuleCondition, RuleTrigger } from "../domain/rule.ts";
import { sentenceOf } from "../domain/sentence.ts";
import { namedIn } from "../backtest/named-in.ts";
import { entitiesOf } from "../events/entities.ts";
import type { Home } from "../events/homes.ts";

/** What stands in a home stays as it was written: Home Assistant does not rename there either. */
const OF_HOME = `
  select id, rule from home_suggestions
  where home = :home and status not in ('deploying', 'deployed', 'changed_outside')`;
const PUT = "update home_suggestions set rule = :rule, sentence = :sentence where id = :id and rule = :before";

export interface FollowRenamesParams {
  readonly db: Database;
  readonly home: Home;
  /** Old name first. */
  readonly renamed: readonly (readonly [string, string])[];
}

/** What has suggestions name devices by their new names, whatever was decided about them: it is the same device, and the same habit. */
export async function followRenames({ db, home, renamed }: FollowRenamesParams): Promise<readonly Statement[]> {
  const names = new Map(renamed);
  const before = new Map(renamed.map(([old, now]) => [now, old]));
  const facts = new Map((await entitiesOf(db, home.key)).map((entity) => [entity.id, entity]));
  return (await db.all(OF_HOME, { home: home.name })).flatMap((row: Row): readonly Statement[] => {
    const rule = json<Rule>(row, "rule");
    if (!namedIn(rule).some((id) => names.has(id))) return [];
    const now = underNewNames(rule, names);
    const sentence = sentenceOf(now, (id) => facts.get(before.get(id) ?? id));
    const params = { id: text(row, "id"), rule: JSON.stringify(now), before: text(row, "rule"), sentence };
    return [{ sql: PUT, params }];
  });
}

function underNewNames(rule: Rule, names: ReadonlyMap<string, string>): Rule {
  const nameOf = (id: string): string => names.get(id) ?? id;
  function renamed<T extends RuleCondition | RuleTrigger>(part: T): T {
    return part.type === "state" ? { ...part, entity_id: nameOf(part.entity_id) } : part;
  }
  return {
    ...rule,
    trigger: renamed(rule.trigger),
    conditions: rule.conditions.map(renamed),
    action: { ...rule.action, entity_ids: rule.action.entity_ids.map(nameOf) },
  };
}
