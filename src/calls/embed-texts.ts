import type { OpenCache } from "../cache/create-cache.ts";
import type { Clock } from "../core/clock.ts";
import { MillraceError } from "../core/errors.ts";
import { ModelFailure } from "../model/failure.ts";
import type { Backoff } from "../resilience/backoff.ts";
import { type Deadline, startDeadline } from "../resilience/deadline.ts";
import { retry } from "../resilience/retry.ts";
import type { Embedded, EmbedOptions } from "./ai.ts";
import { answerKey } from "./answer-key.ts";
import { toCallError } from "./call-error.ts";
import { estimateText } from "./estimate.ts";
import type { ModelRef, Models } from "./models.ts";
import type { Routes } from "./routes.ts";

export interface EmbedTextsOptions {
  readonly models: Models;
  readonly routes: Routes;
  readonly backoff: Backoff;
  readonly clock: Clock;
  readonly redact: (text: string) => string;
  /** Undefined: nothing is kept. */
  readonly cache: OpenCache | undefined;
  readonly closing: AbortSignal;
}

const WINDOW_MS = 100;
const MOST_CALLERS = 10;
/** What OpenAI takes in one request, by developers.openai.com/api/reference; estimates are above what it counts. */
const MOST_TOKENS = 300_000;
const TIMEOUT_MS = 60_000;
const KEPT = { ttl: "30d" } as const;

interface Waiting {
  readonly text: string;
  readonly resolve: (vector: Float32Array) => void;
  readonly reject: (error: unknown) => void;
}

interface Batch {
  readonly model: ModelRef;
  readonly dimensions: number | undefined;
  /** Ends the waiting for more callers. */
  readonly window: AbortController;
  readonly waiting: Waiting[];
  callers: number;
}

/** Turns texts into vectors: each kept by itself, those of many callers in one request. */
export function createEmbedTexts(
  options: EmbedTextsOptions,
): (given: EmbedOptions, run: AbortSignal) => Promise<Embedded> {
  const { models, routes, backoff, clock, redact, cache, closing } = options;
  const batches = new Map<string, Batch>();
  const inFlight = new Map<string, Promise<Float32Array>>();

  function enqueue(model: ModelRef, texts: readonly string[], dimensions: number | undefined): Promise<Float32Array>[] {
    const id = `${model.name}/${dimensions ?? ""}`;
    const batch = batches.get(id) ?? openBatch(id, model, dimensions);
    batch.callers++;
    const promises = texts.map(
      (text) => new Promise<Float32Array>((resolve, reject) => batch.waiting.push({ text, resolve, reject })),
    );
    if (batch.callers >= MOST_CALLERS) flush(id, batch);
    return promises;
  }

  function openBatch(id: string, model: ModelRef, dimensions: number | undefined): Batch {
    const window = new AbortController();
    const batch: Batch = { model, dimensions, window, waiting: [], callers: 0 };
    // Somebody waits for this, so it keeps the process alive, as a timer by `after` would not.
    void clock.sleep(WINDOW_MS, window.signal).then(
      () => flush(id, batch),
      () => undefined,
    );
    batches.set(id, batch);
    return batch;
  }

  function flush(id: string, batch: Batch): void {
    batch.window.abort();
    if (batches.get(id) === batch) batches.delete(id);
    send(batch).catch((error: unknown) => {
      for (const { reject } of batch.waiting) reject(error);
    });
  }

  async function send({ model, dimensions, waiting }: Batch): Promise<void> {
    const embedder = await models.openEmbedder(model);
    const route = routes.get(model.name);
    await Promise.all(
      chunksOf(waiting, embedder.maxInputs).map(async (chunk) => {
        try {
          using deadline = startDeadline({ clock, ms: TIMEOUT_MS, signals: [closing] });
          const values = chunk.map(({ text }) => text);
          const size = dimensions === undefined ? {} : { dimensions };
          const { embeddings } = await retry(
            () =>
              route.bulkhead.run(
                () => route.breaker.run(() => embedder.embed({ values, ...size, signal: deadline.signal })),
                {
                  deadline,
                },
              ),
            { clock, backoff, deadline, budget: route.retries, judge: judgeFailure },
          );
          route.observe(embedder.limits());
          for (const [index, { resolve, reject }] of chunk.entries()) {
            const vector = embeddings[index];
            if (vector === undefined) reject(new ModelFailure("unusable", { detail: "a vector is missing" }));
            else resolve(vector);
          }
        } catch (error) {
          for (const { reject } of chunk) reject(error);
        }
      }),
    );
  }

  /** One text's vector: kept, on its way, or to be asked for. */
  async function vectorsOf(model: ModelRef, given: EmbedOptions, deadline: Deadline): Promise<Omit<Embedded, "ms">> {
    const { texts, dimensions, tags = [], cache: isKept = true, tenant } = given;
    const keyOf = (text: string): string =>
      answerKey(model.name, JSON.stringify([text, dimensions, tenant])).replace(/^answers:/, "embeddings:");
    const shelf = isKept ? cache : undefined;
    const found = await Promise.all(
      texts.map(async (text) => (await shelf?.get<Float32Array>(keyOf(text), { signal: deadline.signal }))?.value),
    );
    const missing = [...new Set(texts.filter((_, index) => found[index] === undefined))];
    const fresh = missing.filter((text) => !inFlight.has(keyOf(text)));
    const asked = fresh.length === 0 ? [] : enqueue(model, fresh, dimensions);
    for (const [index, text] of fresh.entries()) {
      const key = keyOf(text);
      const vector = asked[index]?.then(async (made) => {
        await shelf?.set(key, made, { ...KEPT, tags });
        return made;
      });
      if (vector === undefined) continue;
      inFlight.set(key, vector);
      vector.catch(() => undefined).finally(() => inFlight.delete(key));
    }
    const waits = new Map(missing.map((text) => [text, inFlight.get(keyOf(text))]));
    const vectors = await Promise.all(texts.map(async (text, index) => found[index] ?? (await waits.get(text))));
    const whole = vectors.filter((vector) => vector !== undefined);
    return {
      vectors: whole,
      model: model.name,
      reused: texts.length - texts.filter((text) => fresh.includes(text)).length,
    };
  }

  return async (given, run) => {
    requireTexts(given);
    const startedAt = clock.monotonic();
    const signals = [run, closing, ...(given.signal === undefined ? [] : [given.signal])];
    using deadline = startDeadline({ clock, ms: given.timeoutMs ?? TIMEOUT_MS, signals });
    try {
      const model = await models.find(given.model, deadline.signal);
      const embedded = await unlessAborted(vectorsOf(model, given, deadline), deadline.signal);
      return { ...embedded, ms: Math.round(clock.monotonic() - startedAt) };
    } catch (error) {
      const aborted = signals.find((signal) => signal.aborted);
      if (aborted !== undefined)
        throw new MillraceError("CALL_ABORTED", "The call was aborted.", { cause: aborted.reason });
      const failure = deadline.isOver() ? new ModelFailure("silent", { detail: "the time is up" }) : error;
      throw toCallError(given.model, failure, redact) ?? error;
    }
  };
}

function judgeFailure(error: unknown): { again: false } | { again: true; notBeforeMs: number } {
  return error instanceof ModelFailure && error.isRetryable
    ? { again: true, notBeforeMs: error.notBeforeMs }
    : { again: false };
}

/** At most so many inputs and tokens in each. */
function chunksOf(waiting: readonly Waiting[], maxInputs: number): readonly (readonly Waiting[])[] {
  const chunks: Waiting[][] = [];
  let tokens = 0;
  for (const each of waiting) {
    const size = estimateText(each.text);
    const last = chunks.at(-1);
    if (last === undefined || last.length >= maxInputs || tokens + size > MOST_TOKENS) {
      chunks.push([each]);
      tokens = size;
    } else {
      last.push(each);
      tokens += size;
    }
  }
  return chunks;
}

function requireTexts({ texts }: EmbedOptions): void {
  const empty = texts.findIndex((text) => text === "");
  if (empty !== -1) throw new MillraceError("INPUT_INVALID", `texts.${empty} is empty: there is nothing to embed.`);
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  work.catch(() => undefined);
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(signal.reason as Error);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
