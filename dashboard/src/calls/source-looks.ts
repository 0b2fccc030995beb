import type { CallView } from "millrace/http";

export type Outcome = CallView["source"];

/** How a source is called and coloured wherever it is drawn; in the order in which they are stacked. */
export const SOURCE_LOOKS: Readonly<
  Record<Outcome, { readonly label: string; readonly tone: number; readonly about: string }>
> = {
  memory: { label: "Memory", tone: 1, about: "An equal question was answered before; kept by this process." },
  database: { label: "Database", tone: 4, about: "An equal question was answered before; kept in the database." },
  files: { label: "Files", tone: 3, about: "An equal question was answered before; kept in the data folder." },
  joined: { label: "Joined", tone: 8, about: "Another call asked the same at the same time; its answer served both." },
  similar: { label: "Similar", tone: 5, about: "The answer to a similar question, past the guards." },
  provider: { label: "Provider", tone: 2, about: "Asked of the model, and paid for." },
  batch: { label: "Batch", tone: 9, about: "Asked of the model in a batch, at a lower price." },
  stale: { label: "Stale", tone: 10, about: "An old answer, because no provider gave a fresh one." },
  fallback: { label: "Fallback", tone: 11, about: "Another model stood in for the one that was asked." },
  rules: { label: "Rules", tone: 7, about: "Written by rules, because no model answered." },
  failed: { label: "Failed", tone: 6, about: "There was no answer." },
};

export const OUTCOMES = Object.keys(SOURCE_LOOKS) as readonly Outcome[];

/** What a call spends its time on, in order. */
export const STAGE_LOOKS = [
  {
    name: "wait",
    label: "Waiting for a turn",
    tone: 10,
    about: "Held back by the rate, or by as many calls as may run at once.",
  },
  { name: "provider", label: "At the provider", tone: 2, about: "From the request to the end of the reply." },
  {
    name: "own",
    label: "The rest",
    tone: 1,
    about: "The cache, an equal call that was joined, checks of the answer, and pauses between attempts.",
  },
] as const;
