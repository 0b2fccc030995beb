import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { generateText, wrapLanguageModel } from "ai";
import { millraceMiddleware } from "millrace/ai-sdk";

const middleware = millraceMiddleware({
  fallback: [createOpenAI().chat("gpt-5.4-mini")],
  parallel: 5,
  budgets: { day: 5 },
});
const model = wrapLanguageModel({ model: createAnthropic()("claude-haiku-4-5"), middleware });

for (const _ of [1, 2]) {
  const { text, providerMetadata } = await generateText({ model, prompt: "Why is the sky blue?" });
  const { source, usd, savedUsd } = providerMetadata?.millrace ?? {};
  console.log(JSON.stringify({ text, source, usd, savedUsd }));
}
await middleware.close();
