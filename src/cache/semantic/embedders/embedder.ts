/** Turns texts into vectors. Its name, with the version, is part of every partition: vectors of two embedders never meet. */
export interface Embedder {
  /** Name and version, for example `openai/text-embedding-3-small@1`. */
  readonly id: string;
  readonly dimensions: number;
  /** Similarity from which on a stored question is a candidate, where nothing else is set. */
  readonly threshold: number;
  /** What mode is right where nothing else is asked for. `strict` for all that the package makes: the guards decide, the embedder only finds. */
  readonly mode: "strict" | "exact-terms";
  embed(texts: readonly string[], signal?: AbortSignal): Promise<readonly ArrayLike<number>[]>;
}
