/** What a prompt asks for, as far as its grammar tells. */
export interface Question {
  /** `request`: an order to answer, or a phrase alone. */
  readonly kind: "who" | "when" | "where" | "why" | "how" | "yes-no" | "what" | "request";
  readonly tense: "past" | "present" | "future" | undefined;
  /** Whether one may, should or must. Undefined for a question that only asks how or what. */
  readonly modal: "may" | "should" | "must" | undefined;
  /** A noun after "what" or "which": "which city". */
  readonly asked: string | undefined;
}

const POLITE =
  /^(?:(?:please|kindly|hi|hello|hey|so|and|well|ok|okay|also) )*(?:(?:can|could|would|will) you(?: please| kindly| also)? (?!be |have )|i(?:'d| would) (?:like|love) (?:you )?to (?:know |learn |understand )?|i(?:'d| would) like |i (?:want|need) (?:you )?to (?:know |learn |understand )?|do you know |i wonder |i was wondering |let me know )?(?:please |just )?(?:(?:tell|show|explain|remind) (?:to )?(?:me|us) (?:about )?)?/;
const LEADING = String.raw`(?:(?:by|at|on|in|since|until|till|from|to|for|with|of|under|about) )?`;
const KINDS: readonly (readonly [RegExp, Question["kind"]])[] = [
  [new RegExp(`^${LEADING}(?:who|whose|whom|(?:what|which) (?:person|people|individual))\\b`), "who"],
  [new RegExp(`^${LEADING}(?:when|(?:what|which) (?:day|date|year|month|week|time|hour))\\b`), "when"],
  [new RegExp(`^${LEADING}(?:where|(?:what|which) (?:place|location|spot))\\b`), "where"],
  [
    /^(?:why|how come|for (?:what|which) reason|what (?:made|makes|causes|caused)|what(?:'s| is| was) (?:making|causing)|what(?:'s| is| are| was| were) the (?:reason|cause)s?)\b/,
    "why",
  ],
  [
    /^(?:how|in (?:what|which) way|what(?:'s| is| are)? the (?:\w+ )?(?:way|steps?|process|procedure|method)|(?:what|which) (?:way|steps?)|what (?:should|can|must|do|could) (?:i|we|you|one) (?:need to |have to )?do\b|is there an? (?:\w+ )?way to|are there (?:any )?ways to)\b/,
    "how",
  ],
  [
    /^(?:is|are|am|was|were|do|does|did|can|could|will|would|shall|should|may|must|has|have|had|isn't|aren't|don't|doesn't|didn't|can't|won't|shouldn't|wasn't|weren't|hasn't|haven't)\b/,
    "yes-no",
  ],
  [new RegExp(`^${LEADING}(?:what|which)\\b`), "what"],
];
const INSIDE =
  /\b(who|when|where|why|how|what) (?:is|are|was|were|do|does|did|can|could|will|would|should|to|has|have)\b/;
const TOLD =
  /^(?:explain|describe|tell|show|clarify|say|give|find out|summarize|outline)\b.*?\b(who|when|where|why|how)\b/;
const STEPS = /\b(?:steps?|ways?|instructions|procedure|method|guide) (?:to|for|on)\b/;

/** Reads the kind of question from words in lower case. */
export function questionOf(words: readonly string[]): Question {
  const asked = words.join(" ").replace(POLITE, "");
  const kind = KINDS.find(([pattern]) => pattern.test(asked))?.[1] ?? kindInside(asked);
  return {
    kind,
    tense: tenseOf(asked),
    modal: modalOf(asked, kind),
    asked: new RegExp(`^${LEADING}(?:what|which) (\\w+)`).exec(asked)?.[1],
  };
}

/** "My laptop does not turn on, why?", "explain how it works", "the steps to install it". */
function kindInside(text: string): Question["kind"] {
  const inside = (TOLD.exec(text) ?? INSIDE.exec(text))?.[1];
  if (inside === "what") return /\bwhat (?:should|can|must|do|could) (?:i|we|you) do\b/.test(text) ? "how" : "what";
  if (inside !== undefined) return inside as Question["kind"];
  return STEPS.test(text) ? "how" : "request";
}

function tenseOf(text: string): Question["tense"] {
  const verb =
    /\b(was|were|did|had|(?:has|have)(?: \w+){0,4} (?:been|\w+ed)|is|are|am|do|does|will|won't|shall|going to)\b/.exec(
      text,
    )?.[1];
  if (verb === undefined) return undefined;
  if (/^(?:was|were|did|had|has|have)/.test(verb)) return "past";
  return /^(?:will|won't|shall|going to)$/.test(verb) ? "future" : "present";
}

function modalOf(text: string, kind: Question["kind"]): Question["modal"] {
  if (kind !== "yes-no" && kind !== "request" && kind !== "what") return undefined;
  if (kind === "yes-no") {
    if (/^(?:should|shouldn't|is it (?:advisable|recommended))\b/.test(text)) return "should";
    if (/^(?:can|may|could|can't|is it (?:possible|ok|okay|fine))\b/.test(text)) return "may";
    if (/^must\b/.test(text)) return "must";
    if (/^(?:do|does|did|will) (?:\w+ ){1,4}?(?:have to|need)\b/.test(text)) return "must";
    if (/^(?:is|are|am) .*\b(?:required|obliged|mandatory|necessary|needed|compulsory)\b/.test(text)) return "must";
    if (/^(?:is|are|am) .*\b(?:allowed|permitted|possible|able)\b/.test(text)) return "may";
    return undefined;
  }
  if (/\b(?:required|must|need|obliged|mandatory|necessary|needed|have to)\b/.test(text)) return "must";
  return /\b(?:allowed|permitted|(?:can|may) (?:i|we|you|one|they|he|she|people))\b/.test(text) ? "may" : undefined;
}
