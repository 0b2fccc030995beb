import type { OpenCache } from "../cache/create-cache.ts";
import type { Clock } from "../core/clock.ts";
import { MillraceError } from "../core/errors.ts";
import { ModelFailure } from "../model/failure.ts";
import { toCount, type Tokens } from "../model/usage.ts";
import type { Backoff } from "../resilience/backoff.ts";
import type { Budget } from "../resilience/budget.ts";
import { type Deadline, startDeadline } from "../resilience/deadline.ts";
import { retry } from "../resilience/retry.ts";
import type { Embedded, EmbedOptions } from "./ai.ts";
import { answerKey } from "./answer-key.ts";
import { check, checkCount, checkTime, isText } from "./check-call.ts";
import { toCallError } from "./call-error.ts";
import { estimateText } from "./estimate.ts";
import type { ModelRef, Models } from "./models.ts";
import { clamped, leaveAlone } from "./limit-rate.ts";
import type { Route, Routes } from "./routes.ts";
import { scopeOf } from "./spend-budget.ts";
import { wholeParts } from "./share-out.ts";
import { spentOf, type Tally } from "./tally.ts";

export interface EmbedTextsOptions {
  readonly models: Models;
  readonly routes: Routes;
  readonly backoff: Backoff;
  readonly clock: Clock;
  readonly redact: (text: string) => string;
  /** Undefined: nothing is kept. */
  readonly cache: OpenCache | undefined;
  /** Undefined: there is no bound. */
  readonly budget?: Budget | undefined;
  readonly closing: AbortSignal;
}

/** For whom texts are embedded. */
export interface EmbedCaller {
  readonly signal: AbortSignal;
  readonly automation: string | undefined;
  /** Whose they are, where the call does not say. */
  readonly tenant: string | undefined;
  /** Hears of what is spent. */
  readonly tally: Tally;
}

const WINDOW_MS = 100;
const MOST_CALLERS = 10;
/** What OpenAI takes in one request, by developers.openai.com/api/reference; estimates are above what it counts. */
const MOST_TOKENS = 300_000;
const TIMEOUT_MS = 60_000;
const KEPT = { ttl: "30d" } as const;

/** A text's vector, and its share of what the provider counted. */
interface Counted {
  readonly vector: Float32Array;
  readonly tokens: number | null;
}

interface Waiting {
  readonly text: string;
  /** Who asks for it. */
  readonly tally: Tally;
  readonly resolve: (vector: Counted) => void;
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
): (given: EmbedOptions, caller: EmbedCaller) => Promise<Embedded> {
  const { models, routes, backoff, clock, redact, cache, budget, closing } = options;
  const batches = new Map<string, Batch>();
  const inFlight = new Map<string, Promise<Counted>>();

  function enqueue(
    model: ModelRef,
    texts: readonly string[],
    { dimensions, tally }: { readonly dimensions: number | undefined; readonly tally: Tally },
  ): Promise<Counted>[] {
    const id = `${model.name}/${dimensions ?? ""}`;
    const batch = batches.get(id) ?? openBatch(id, model, dimensions);
    batch.callers++;
    const promises = texts.map(
      (text) => new Promise<Counted>((resolve, reject) => batch.waiting.push({ text, tally, resolve, reject })),
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
    const usdOf = models.priceOf(model);
    await Promise.all(
      chunksOf(waiting, embedder.maxInputs).map(async (chunk) => {
        try {
          using deadline = startDeadline({ clock, ms: TIMEOUT_MS, signals: [closing] });
          const values = chunk.map(({ text }) => text);
          const size = dimensions === undefined ? {} : { dimensions };
          const { embeddings, tokens: counted } = await retry(
            () =>
              admitted(route, { tokens: tokensOf(values), deadline }, async () => {
                const sentAt = clock.monotonic();
                let tokens: number | null = null;
                try {
                  const result = await embedder.embed({ values, ...size, signal: deadline.signal });
                  tokens = toCount(result.tokens);
                  return { ...result, tokens };
                } catch (error) {
                  if (error instanceof ModelFailure && !error.mayBeBilled) tokens = 0;
                  throw error;
                } finally {
                  share(chunk, { tokens, usdOf, ms: clock.monotonic() - sentAt });
                  route.observe(embedder.limits());
                }
              }),
            { clock, backoff, deadline, budget: route.retries, judge: judgeFailure },
          );
          const tokens = wholeParts(
            counted,
            chunk.map(({ text }) => estimateText(text)),
          );
          for (const [index, { resolve, reject }] of chunk.entries()) {
            const vector = embeddings[index];
            if (vector === undefined) reject(new ModelFailure("unusable", { detail: "a vector is missing" }));
            else resolve({ vector, tokens: tokens[index] ?? null });
          }
        } catch (error) {
          for (const { reject } of chunk) reject(error);
        }
      }),
    );
  }

  /** One text's vector: kept, on its way, or to be asked for. */
  async function vectorsOf(
    model: ModelRef,
    given: EmbedOptions,
    { deadline, caller }: { readonly deadline: Deadline; readonly caller: EmbedCaller },
  ): Promise<Pick<Embedded, "vectors" | "model" | "reused" | "totalTokens">> {
    const { texts, dimensions, tags = [], cache: isKept = true, tenant = caller.tenant } = given;
    const { tally, automation } = caller;
    const keyOf = (text: string): string =>
      answerKey(model.name, JSON.stringify([text, dimensions, tenant, "counted"])).replace(/^answers:/, "embeddings:");
    const shelf = isKept ? cache : undefined;
    const found = await Promise.all(
      texts.map(async (text) => (await shelf?.get<Counted>(keyOf(text), { signal: deadline.signal }))?.value),
    );
    const missing = [...new Set(texts.filter((_, index) => found[index] === undefined))];
    const isNew = (text: string): boolean => !inFlight.has(keyOf(text));
    const usd = models.priceOf(model)(toTokens(tokensOf(missing.filter(isNew)))) ?? 0;
    const reservation = await budget?.reserve(scopeOf({ tenant }, { automation }), { usd });
    const fresh = missing.filter(isNew);
    const asked = fresh.length === 0 ? [] : enqueue(model, fresh, { dimensions, tally });
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
    const before = tally.total().usd;
    const waiting = Promise.all(texts.map(async (text, index) => found[index] ?? (await waits.get(text))));
    const vectors = await waiting.finally(async () => {
      const after = tally.total().usd;
      await reservation?.settle(before === null || after === null ? {} : { usd: after - before });
    });
    const whole = vectors.filter((counted) => counted !== undefined);
    const known = whole.flatMap(({ tokens }) => tokens ?? []);
    return {
      vectors: whole.map(({ vector }) => vector),
      totalTokens: known.length < whole.length ? null : known.reduce((sum, tokens) => sum + tokens, 0),
      model: model.name,
      reused: texts.length - texts.filter((text) => fresh.includes(text)).length,
    };
  }

  return async (given, caller) => {
    requireTexts(given);
    const startedAt = clock.monotonic();
    const signals = [caller.signal, closing, ...(given.signal === undefined ? [] : [given.signal])];
    using deadline = startDeadline({ clock, ms: given.timeoutMs ?? TIMEOUT_MS, signals });
    try {
      const model = await models.find(given.model, deadline.signal);
      const embedded = await unlessAborted(vectorsOf(model, given, { deadline, caller }), deadline.signal);
      const { usage, usd } = caller.tally.total();
      const ms = Math.round(clock.monotonic() - startedAt);
      return { ...embedded, inputTokens: usage.inputTokens, usd, ms };
    } catch (error) {
      const aborted = signals.find((signal) => signal.aborted);
      if (aborted !== undefined)
        throw new MillraceError("CALL_ABORTED", "The call was aborted.", { cause: aborted.reason });
      const failure = deadline.isOver() ? new ModelFailure("silent", { detail: "the time is up" }) : error;
      throw toCallError(given.model, failure, redact) ?? error;
    }
  };
}

/** One request, in its turn: rate, parallelism, breaker. */
async function admitted<T>(
  { limiter, bulkhead, breaker }: Route,
  { tokens, deadline }: { readonly tokens: number; readonly deadline: Deadline },
  work: () => Promise<T>,
): Promise<T> {
  const reservation = await limiter.reserve(clamped(limiter, { requests: 1, tokens }), { deadline });
  try {
    const result = await bulkhead.run(() => breaker.run(work), { deadline });
    reservation.settle({});
    return result;
  } catch (error) {
    if (error instanceof ModelFailure) {
      reservation.settle(error.mayBeBilled ? {} : { tokens: 0 });
      leaveAlone({ limiter }, error);
    } else reservation.release();
    throw error;
  }
}

interface Used {
  /** Null: not known. */
  readonly tokens: number | null;
  readonly usdOf: (tokens: Tokens) => number | null;
  readonly ms: number;
}

/** Puts a request on the bills of all whose texts went in it, each by the length of his texts; as a request it is the first one's. */
function share(chunk: readonly Waiting[], { tokens, usdOf, ms }: Used): void {
  const bills = new Map<Tally, number>();
  for (const { tally, text } of chunk) bills.set(tally, (bills.get(tally) ?? 0) + estimateText(text));
  const parts = wholeParts(tokens, [...bills.values()]);
  for (const [index, tally] of [...bills.keys()].entries()) {
    const used = toTokens(parts[index] ?? null);
    tally.add({ ...spentOf(used, tokens === 0 ? 0 : usdOf(used)), requests: index === 0 ? 1 : 0, providerMs: ms });
  }
}

function toTokens(input: number | null): Tokens {
  return { input, output: 0, cacheRead: 0, cacheWrite: 0, cacheWrite1h: 0 };
}

function tokensOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + estimateText(text), 0);
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

function requireTexts({ texts, timeoutMs = TIMEOUT_MS, dimensions = 1 }: EmbedOptions): void {
  check("texts", texts, Array.isArray(texts) && texts.every(isText), "a list of texts");
  checkTime("timeoutMs", timeoutMs);
  checkCount("dimensions", dimensions);
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
