import { type Database, type Route, route } from "millrace";
import { z } from "zod";
import type { RuleCore } from "../backtest/backtest.ts";
import { RuleSchema } from "../domain/rule-schema.ts";
import { RuleEdit } from "../suggestions/rule-edit.ts";
import { requireSuggestion } from "../suggestions/suggestion-store.ts";
import type { Trial } from "../suggestions/try-edits.ts";

const MOST_DEVICES = 50;
const MOST_CONDITIONS = 20;
const LONGEST_WINDOW_S = 43_200;

const RuleBody = RuleSchema.pick({ kind: true, trigger: true, conditions: true, action: true, window_s: true })
  .refine(({ action }) => action.entity_ids.length <= MOST_DEVICES, `acts on more than ${MOST_DEVICES} devices`)
  .refine(({ conditions }) => conditions.length <= MOST_CONDITIONS, `has more than ${MOST_CONDITIONS} conditions`)
  .refine(({ window_s }) => window_s <= LONGEST_WINDOW_S, `has a window of more than ${LONGEST_WINDOW_S} seconds`);
const Edits = z.array(RuleEdit).max(20).default([]);

const Body = z.union(
  [
    z.strictObject({ suggestion: z.string().min(1).max(64), edits: Edits }),
    z.strictObject({ home: z.string().min(1).max(64), rule: RuleBody, edits: Edits }),
  ],
  { error: "must hold `suggestion`, or `home` and `rule`, and may hold `edits`" },
);

export function backtestRoutes(db: Database): readonly Route[] {
  return [
    route({
      method: "POST",
      path: "/api/home/backtest",
      summary: "Tells what a rule would have done on the home's history, as it is and after some edits. Keeps nothing.",
      body: Body,
      async handle({ body, signal }): Promise<Trial> {
        const { tryEdits } = await import("../suggestions/try-edits.ts");
        const { edits } = body;
        if ("suggestion" in body) {
          const { home, rule } = await requireSuggestion(db, body.suggestion);
          return await tryEdits({ db, home, rule, edits, signal });
        }
        return await tryEdits({ db, home: body.home, rule: toCore(body.rule), edits, signal });
      },
    }),
  ];
}

/** A parsed rule has undefined where it has nothing; JSON has no such thing. */
function toCore(rule: z.output<typeof RuleBody>): RuleCore {
  return JSON.parse(JSON.stringify(rule)) as RuleCore;
}
