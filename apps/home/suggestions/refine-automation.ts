import { type AppHost, automation, on } from "millrace";
import { z } from "zod";
import type { HomeConfig } from "../config.ts";
import type { Refinement } from "./refine.ts";
import { requireSuggestion } from "./suggestion-store.ts";

export const REFINE_RUN = "home.refine";

const Input = z.strictObject({
  suggestion: z.string().min(1).max(64),
  /** What is to change, in words. */
  wish: z.string().trim().min(1, "cannot be empty").max(500, "has at most 500 characters"),
});

/** What `home.refine` returns: a proposal, of which nothing is kept until somebody accepts it. */
export interface RefineResult extends Refinement {
  readonly suggestion: string;
  /** The version that the edits are for. */
  readonly version: number;
}

/** Defines the run that reads a wish as edits of a suggestion's rule. */
export function createRefine({ db, config }: AppHost<HomeConfig>) {
  return automation(
    REFINE_RUN,
    {
      description: "Reads a wish in words as a change of a suggested rule. Changes nothing by itself.",
      on: [on.manual(Input)],
    },
    async ({ event, step, ai }): Promise<RefineResult> => {
      const { suggestion, wish } = event.data;
      const { rule, version, entities } = await step.run("look", async () => {
        const found = await requireSuggestion(db, suggestion);
        const { entitiesFor } = await import("./entities-for.ts");
        const { kind, trigger, conditions, action, window_s } = found.rule;
        const rule = { kind, trigger, conditions, action, window_s };
        return { rule, version: found.version, entities: await entitiesFor({ db, home: found.home, wish, rule }) };
      });
      const refinement = await step.run("read", async ({ signal }) => {
        const { refine } = await import("./refine.ts");
        return await refine({ ai, rule, wish, entities, model: config.model, signal });
      });
      return { suggestion, version, ...refinement };
    },
  );
}
