/** What OpenAI's models take; every other name, and every name at a compatible server, is an ordinary model. */
export interface ChatModelRules {
  /** Takes `max_completion_tokens` and the role `developer`, and answers 400 to sampling parameters. */
  readonly isReasoning: boolean;
  /** Takes sampling parameters all the same when its reasoning effort is `none` (GPT-5.1 to 5.x). */
  readonly samplesWithoutReasoning: boolean;
}

const O_SERIES = /^o\d/;
const GPT = /^gpt-(\d+)(?:\.(\d+))?(-chat)?/;

export function chatModelRules(modelId: string): ChatModelRules {
  if (O_SERIES.test(modelId)) return { isReasoning: true, samplesWithoutReasoning: false };
  const [, major = "0", minor = "0", chat] = GPT.exec(modelId) ?? [];
  const isReasoning = Number(major) >= 5 && chat === undefined;
  return { isReasoning, samplesWithoutReasoning: isReasoning && Number(major) === 5 && Number(minor) >= 1 };
}
