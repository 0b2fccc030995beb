import { mayAskTheSame } from "../text/question.ts";
import type { Guard } from "./guard.ts";

/** Who against when, whether against how, what was against what is. */
export const questionKind: Guard = {
  name: "question",
  veto: ({ question: a }, { question: b }) =>
    mayAskTheSame(a, b) ? undefined : `${describe(a)} against ${describe(b)}`,
};

function describe({
  kind,
  tense,
  modal,
}: {
  kind: string;
  tense: string | undefined;
  modal: string | undefined;
}): string {
  return [kind, tense, modal].filter((part) => part !== undefined).join(" ");
}
