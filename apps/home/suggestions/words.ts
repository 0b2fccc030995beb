import { z } from "zod";

/** All that a language model may write: words, and a choice among given options. Rules, devices and numbers never come from it. */
export const Words = z.object({
  title: z.string().trim().min(1).max(120).describe("What the automation would do, in at most ten words."),
  description: z.string().trim().min(1).max(1_000).describe("One or two sentences for the people who live there."),
  rationale: z.string().trim().min(1).max(1_000).describe("Why it is worth having, from the evidence given."),
  category: z.enum(["energy", "comfort", "security", "convenience"]),
  priority: z.enum(["high", "medium", "low"]),
});

export type Words = z.output<typeof Words>;
