import type { Embedder } from "./cache/semantic/embedders/embedder.ts";
import { createProviderEmbedder } from "./cache/semantic/embedders/provider-embedder.ts";
import type { AiFactory } from "./calls/create-ai.ts";

/**
 * Makes an embedder for similar questions of a provider's model, over the same way as other embeddings: kept, in batches, bounded. It asks
 * once for a short text, since only the answer tells how many numbers a vector has.
 */
export async function openSimilarEmbedder(model: string, factory: () => Pick<AiFactory, "forRun">): Promise<Embedder> {
  const ai = factory().forRun({ id: "similar-questions", signal: new AbortController().signal });
  const { vectors } = await ai.embed({ model, texts: ["how long is a vector"] });
  return createProviderEmbedder({
    id: model,
    dimensions: vectors[0]?.length ?? 0,
    embed: async (texts, signal) => {
      const embedded = await ai.embed({ model, texts, ...(signal === undefined ? {} : { signal }) });
      return embedded.vectors;
    },
  });
}
