/** What one of Anthropic's models takes. */
export interface MessagesModelRules {
  /** Longest answer; sent where a call sets none, since the field is required. */
  readonly maxOutputTokens: number;
  /** Whether temperature, top_p and top_k are taken: from Opus 4.7 and in all of Claude 5 they are answered with 400. */
  readonly hasSampling: boolean;
  /** Whether a JSON Schema may be given as the format; else it is asked for as the input of a tool. */
  readonly hasJsonFormat: boolean;
  /** How thinking is turned on: with a budget in tokens, or as the model sees fit (adaptive) with an effort. */
  readonly thinking: "budget" | "adaptive";
  /** Whether effort may be `xhigh`. */
  readonly hasXhighEffort: boolean;
}

const EARLY: MessagesModelRules = {
  maxOutputTokens: 4_096,
  hasSampling: true,
  hasJsonFormat: false,
  thinking: "budget",
  hasXhighEffort: false,
};
const CLAUDE_4_6: MessagesModelRules = {
  ...EARLY,
  maxOutputTokens: 128_000,
  hasJsonFormat: true,
  thinking: "adaptive",
};
const NEWEST: MessagesModelRules = { ...CLAUDE_4_6, hasSampling: false, hasXhighEffort: true };

/** The first that fits counts. A name that is not here is taken for a new model: those refuse more. */
const RULES: readonly (readonly [RegExp, MessagesModelRules])[] = [
  [/claude-(?:instant|v?2|3)(?:[-.]|$)/, EARLY],
  [/claude-(?:sonnet|opus)-4-6/, CLAUDE_4_6],
  [/claude-(?:sonnet|opus|haiku)-4-5/, { ...EARLY, maxOutputTokens: 64_000, hasJsonFormat: true }],
  [/claude-opus-4-1/, { ...EARLY, maxOutputTokens: 32_000, hasJsonFormat: true }],
  [/claude-sonnet-4(?:[-@](?!\d(?!\d))|$)/, { ...EARLY, maxOutputTokens: 64_000 }],
  [/claude-opus-4(?:[-@](?!\d(?!\d))|$)/, { ...EARLY, maxOutputTokens: 32_000 }],
  [/claude-/, NEWEST],
];

/** Names that are no Claude come from servers that speak the same; nothing is held back from them. */
const FOREIGN: MessagesModelRules = { ...EARLY, hasJsonFormat: true };

export function messagesModelRules(modelId: string): MessagesModelRules {
  return RULES.find(([pattern]) => pattern.test(modelId))?.[1] ?? FOREIGN;
}
