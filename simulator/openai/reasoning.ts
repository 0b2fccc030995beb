import type { BadRequest, Fields } from "../question.ts";

const REASONING_MODEL = /^(?:o\d|gpt-5)/;
const EFFORTS: Readonly<Record<string, number>> = {
  none: 0,
  minimal: 0,
  low: 128,
  medium: 512,
  high: 1_024,
  xhigh: 2_048,
  max: 4_096,
};
/** What a reasoning model takes of each, since it says nothing. */
const SAMPLING_DEFAULTS: Readonly<Record<string, number>> = {
  temperature: 1,
  top_p: 1,
  presence_penalty: 0,
  frequency_penalty: 0,
};

/** Asks whether a model reasons before it answers. */
export function isReasoningModel(model: string): boolean {
  return REASONING_MODEL.test(model);
}

/** How many tokens of reasoning an effort allows; without one, that of the model. */
export function reasoningTokens(model: string, effort: unknown): number {
  if (typeof effort === "string") return EFFORTS[effort] ?? 0;
  return isReasoningModel(model) ? (EFFORTS["medium"] ?? 0) : 0;
}

/** Finds an effort that does not exist, and sampling that a reasoning model does not take. */
export function checkReasoning(body: Fields, effort: unknown): BadRequest | undefined {
  const isKnown = typeof effort === "string" && Object.hasOwn(EFFORTS, effort);
  if (effort !== undefined && effort !== null && !isKnown) {
    const known = Object.keys(EFFORTS).join(", ");
    return {
      field: "reasoning_effort",
      message: `Invalid value: ${JSON.stringify(effort)}. Supported values are: ${known}.`,
      code: "invalid_value",
    };
  }
  if (!isReasoningModel(String(body["model"])) || effort === "none") return undefined;
  const unusual = Object.entries(SAMPLING_DEFAULTS).find(
    ([name, standard]) => typeof body[name] === "number" && body[name] !== standard,
  )?.[0];
  if (unusual === undefined) return undefined;
  const message = `Unsupported value: '${unusual}' does not support ${String(body[unusual])} with this model. Only the default is supported.`;
  return { field: unusual, message, code: "unsupported_value" };
}
