import { embedMany, Output, streamText } from "ai";
import { createMillrace } from "millrace/ai-sdk";
import { z } from "zod";

await using millrace = createMillrace({
  config: { models: { fast: "anthropic/claude-haiku-4-5", words: "openai/text-embedding-3-small" } },
});

const { output } = streamText({
  model: millrace("fast"),
  prompt: "Name a book about mills.",
  output: Output.object({ schema: z.object({ title: z.string() }) }),
  providerOptions: { millrace: { tags: ["books"], tenant: "reading-room" } },
});
console.log(JSON.stringify(await output));

const { embeddings } = await embedMany({ model: millrace.embeddingModel("words"), values: ["mill", "race"] });
console.log(embeddings.map((vector) => vector.length));
