import type { Embedder } from "./embedder.ts";

export interface ProviderEmbedderOptions {
  /** Provider, model and version. */
  readonly id: string;
  readonly dimensions: number;
  /** Default 0.8, which suits OpenAI's text-embedding-3-small. Calibrate it per namespace. */
  readonly threshold?: number;
  readonly embed: Embedder["embed"];
}

/** Makes an embedder of a function that asks a provider. */
export function createProviderEmbedder({ id, dimensions, threshold = 0.8, embed }: ProviderEmbedderOptions): Embedder {
  return { id, dimensions, threshold, mode: "strict", embed };
}
