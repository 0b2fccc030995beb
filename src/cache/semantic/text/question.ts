/** What a prompt asks for, as far as its first words tell. */
export interface Question {
  /** `open`: what, which, a request, or nothing that tells. */
  readonly kind:
    | "who"
    | "when"
    | "where"
    | "why"
    | "how"
    | "how-many"
    | "how-long"
    | "how-often"
    | "how-far"
    | "how-old"
    | "yes-no"
    | "open";
  readonly tense: "past" | "present" | "future" | undefined;
  /** What a yes-or-no question is about: whether one may or must. */
  readonly modal: "may" | "must" | undefined;
}

const POLITE =
  /^(?:(?:please|kindly|hi|hello|hey|so|and|well|ok|okay)\s+)*(?:(?:can|could|would|will) you(?: please| kindly)? (?!be |have )|(?:i(?:'d| would) like|i want|i need) (?:you )?to (?:know )?|(?:do you know|tell me|i wonder|i was wondering|let me know) )?/;
const KINDS: readonly (readonly [RegExp, Question["kind"]])[] = [
  [/\bhow-(?:many|much)\b/, "how-many"],
  [/\bhow-long\b/, "how-long"],
  [/\bhow-often\b/, "how-often"],
  [/\bhow-far\b/, "how-far"],
  [/\bhow-old\b/, "how-old"],
  [/^(?:who|whose|whom)\b/, "who"],
  [/^(?:(?:by|at|on|since|until|from) )?when\b/, "when"],
  [/^(?:(?:from|to) )?where\b/, "where"],
  [/^(?:why|how come|what (?:made|makes|causes|caused)|what(?:'s| is| was) the (?:reason|cause))\b/, "why"],
  [/^(?:how|what(?:'s| is| are)? the (?:way|steps|step|process|best way|procedure) to|in what way)\b/, "how"],
  [
    /^(?:is|are|am|was|were|do|does|did|can|could|will|would|shall|should|may|must|has|have|had|isn't|aren't|don't|doesn't|didn't|can't|won't|shouldn't)\b/,
    "yes-no",
  ],
];

/** Reads the kind of question from words in lower case. */
export function questionOf(words: readonly string[]): Question {
  const text = words.join(" ");
  const asked = text.replace(POLITE, "");
  const kind = KINDS.find(([pattern]) => pattern.test(asked))?.[1] ?? kindInside(asked);
  return { kind, tense: tenseOf(asked), modal: kind === "yes-no" ? modalOf(asked) : undefined };
}

/** "My laptop does not turn on, why?" or "I forgot it, how can I reset it?" */
function kindInside(text: string): Question["kind"] {
  const inside =
    /\b(who|when|where|why|how) (?:is|are|was|were|do|does|did|can|could|will|would|should|to|has|have)\b/.exec(text);
  return (inside?.[1] as Question["kind"] | undefined) ?? "open";
}

function tenseOf(text: string): Question["tense"] {
  const verb = /\b(was|were|did|had|is|are|am|do|does|will|won't|shall|going to)\b/.exec(text)?.[1];
  if (verb === undefined) return undefined;
  if (/^(?:was|were|did|had)$/.test(verb)) return "past";
  return /^(?:will|won't|shall|going to)$/.test(verb) ? "future" : "present";
}

function modalOf(text: string): Question["modal"] {
  if (
    /^(?:must|should|do \w+ (?:have|need) to|does \w+(?: \w+)? (?:have|need) to|(?:is|are|am) .*\b(?:required|obliged|mandatory|necessary)\b)/.test(
      text,
    )
  )
    return "must";
  return /^(?:can|may|could|am i allowed|is it (?:possible|ok|okay|allowed))\b/.test(text) ? "may" : undefined;
}

/** Whether two questions may want the same answer. Not so for who and when, for whether and how, for what was and what is. */
export function mayAskTheSame(a: Question, b: Question): boolean {
  if (a.tense !== undefined && b.tense !== undefined && (a.tense === "past") !== (b.tense === "past")) return false;
  if (a.modal !== undefined && b.modal !== undefined && a.modal !== b.modal) return false;
  if (a.kind === b.kind || a.kind === "open" || b.kind === "open") return true;
  return [a.kind, b.kind].toSorted().join() === "how-long,when";
}
