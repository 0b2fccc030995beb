import { createHash } from "node:crypto";
import type { Clock } from "../../core/clock.ts";
import type { Random } from "../../core/random.ts";
import type { Embedder } from "./embedders/embedder.ts";
import { toFalseReuse } from "./false-reuse.ts";
import { unmatched } from "./guards/alignment.ts";
import { judge, type SimilarMode, type Verdict } from "./guards/judge.ts";
import { createHits, randomId } from "./hits.ts";
import { createItems, type Item, type Partition } from "./items.ts";
import { errorBound, MOST_FEEDBACK } from "./learned-bound.ts";
import { partitionKey } from "./partition.ts";
import { createRecentHits } from "./recent-hits.ts";
import { refusalOf } from "./routing.ts";
import type { SimilarRow, SimilarRows } from "./rows.ts";
import type {
  Candidate,
  LookupParams,
  Similar,
  SimilarHit,
  SimilarMiss,
  SimilarStats,
  StoreParams,
} from "./similar.ts";
import { createTally } from "./tally.ts";
import { canonicalKey } from "./text/canonical-key.ts";
import { prepare, type Prepared } from "./text/prepare.ts";
import { quantize } from "./vectors/vector-index.ts";
import { createVerifying, type Verifier } from "./verifier.ts";
import { oppositesWith } from "./words/related.ts";

export interface SimilarOptions {
  readonly embedder: Embedder;
  readonly clock: Clock;
  /** For ids and sampling. */
  readonly random: Random;
  /** Asked in the grey zone: up to 0.15 below the threshold, or above it with three or more words that have no counterpart. */
  readonly verify?: Verifier;
  /** Longest wait for the verifier. Default 2,000 ms. */
  readonly verifyTimeoutMs?: number;
  /** Verdicts per minute. Default 60. */
  readonly verifyPerMinute?: number;
  /** Keeps questions for the next start. Default: they end with the process. */
  readonly rows?: SimilarRows;
  readonly namespaces?: Readonly<Record<string, NamespaceOptions>>;
  /** Groups of words that exclude one another in this project, for example the names of its plans. */
  readonly opposites?: readonly (readonly string[])[];
  /** Default 100,000. */
  readonly maxItems?: number;
  /** Default 300 MB. */
  readonly maxBytes?: number;
  /** Where an entry was found wrong before: serve it only while the upper bound of its error is at most this. Default 0.1. */
  readonly maxError?: number;
}

export interface NamespaceOptions {
  /** Default: that of the embedder. */
  readonly threshold?: number;
  readonly mode?: SimilarMode;
  /** Share of hits for which the caller should ask the model as well. Default 0.02. */
  readonly sampleRate?: number;
  /** True: never serve, only measure. */
  readonly isShadow?: boolean;
}

/** More than one: the nearest may be refused, and questions about numbered things crowd together. */
const CANDIDATES = 8;
const GREY_BELOW = 0.15;
const MANY_UNMATCHED = 3;
const REMEMBERED_HITS = 10_000;
const SAMPLE_RATE = 0.02;
/** An entry found wrong so often, and not more often right, is dropped. */
const MOST_WRONG = 3;
const MOST_REJECTED = 200;

/**
 * Creates the finder of similar questions. It keeps questions and the names of their answers; the answers stay with the caller.
 *
 * @example
 * const similar = createSimilar({ embedder: createHashEmbedder(), clock, random });
 * const found = await similar.lookup({ partition, prompt });
 * if (found.kind === "hit") return { answer: await cache.get(found.entryId), givenFor: found.prompt, similarity: found.similarity };
 * const answer = await ask(prompt);
 * await similar.store({ partition, prompt, entryId, expiresAt: clock.now() + 3_600_000 });
 */
export function createSimilar(options: SimilarOptions): Similar {
  const { embedder, clock, random, rows, namespaces = {}, maxItems = 100_000, maxBytes = 300_000_000 } = options;
  const { maxError = 0.1, verifyTimeoutMs = 2000, verifyPerMinute = 60 } = options;
  const items = createItems({ dimensions: embedder.dimensions, maxItems, maxBytes });
  const vectorBytes = quantize(new Float32Array(embedder.dimensions)).length;
  const hits = createHits(random, REMEMBERED_HITS);
  const recent = createRecentHits();
  const tally = createTally();
  const context = { isOpposite: oppositesWith(options.opposites ?? []) };
  const isVerified =
    options.verify &&
    createVerifying({ verify: options.verify, clock, timeoutMs: verifyTimeoutMs, perMinute: verifyPerMinute });
  let loading: Promise<void> | undefined;

  const load = async (): Promise<void> => {
    const now = clock.now();
    const [kept, samples] = await Promise.all([rows?.load(now, maxItems) ?? [], rows?.loadSamples() ?? []]);
    for (const { namespace, ...counts } of samples) tally.sampled(namespace, counts);
    for (const row of kept.toReversed()) {
      if (row.vector.length === vectorBytes && items.get(row.id) === undefined) items.add(row, now);
    }
  };
  const ready = (): Promise<void> => (loading ??= load().catch(() => tally.saveFailed()));
  const saving = (work: Promise<void> | undefined): Promise<void> =>
    work?.catch(() => tally.saveFailed()) ?? Promise.resolve();
  const remove = (item: Item): Promise<void> => {
    items.remove(item);
    return saving(rows?.delete([item.row.id]));
  };
  const replace = (item: Item, change: Partial<SimilarRow>): Promise<void> => {
    item.row = { ...item.row, ...change };
    return saving(rows?.save(item.row));
  };
  const embed = async (prompt: string, signal: AbortSignal | undefined): Promise<Int8Array | Error> => {
    try {
      const [vector] = await embedder.embed([prompt], signal);
      if (vector?.length === embedder.dimensions) return quantize(vector);
      return new Error(`${embedder.id} gave ${vector?.length ?? 0} dimensions instead of ${embedder.dimensions}`);
    } catch (error) {
      signal?.throwIfAborted();
      return error instanceof Error ? error : new Error(String(error));
    }
  };
  const miss = (reason: SimilarMiss["reason"]): SimilarMiss => {
    tally.miss(reason.because);
    return { kind: "miss", reason };
  };
  const serve = (
    { partition: { namespace }, prompt: question }: LookupParams,
    { item, similarity, guards, isVerified, asked }: Winner,
  ): SimilarHit | SimilarMiss => {
    const { sampleRate = SAMPLE_RATE, isShadow = false } = namespaces[namespace] ?? {};
    const isSampled = isShadow || random.next() < sampleRate;
    const { id: itemId, entryId, prompt, createdAt } = item.row;
    const id = hits.add({ itemId, namespace, asked: pairKey(asked), similarity, isSampled });
    const ageMs = Math.max(0, clock.now() - createdAt);
    const hit: SimilarHit = { kind: "hit", id, entryId, prompt, similarity, ageMs, guards, isVerified, isSampled };
    if (isShadow) return miss({ because: "shadow", hit });
    item.wasUsed = true;
    tally.hit();
    recent.add({
      id,
      at: clock.now(),
      namespace,
      asked: question,
      matched: prompt,
      similarity,
      guards,
      isVerified,
      ageMs,
    });
    return hit;
  };
  const settle = async (hitId: string, isRight: boolean): Promise<boolean> => {
    const hit = hits.take(hitId);
    if (hit === undefined) return false;
    recent.settle(hitId, isRight ? "confirmed" : "rejected");
    if (!isRight) tally.rejected();
    if (hit.isSampled) {
      const counts = { right: isRight ? 1 : 0, wrong: isRight ? 0 : 1 };
      tally.sampled(hit.namespace, counts);
      await saving(rows?.addSamples({ namespace: hit.namespace, ...counts }));
    }
    const item = items.get(hit.itemId);
    if (item === undefined) return true;
    const feedback = [...item.row.feedback, { similarity: hit.similarity, isRight }].slice(-MOST_FEEDBACK);
    const wrong = feedback.filter((entry) => !entry.isRight).length;
    if (!isRight && (hit.asked === pairKey(item.canonical) || (wrong >= MOST_WRONG && wrong * 2 >= feedback.length))) {
      await remove(item);
      return true;
    }
    const rejected = isRight ? item.row.rejected : [...item.row.rejected, hit.asked].slice(-MOST_REJECTED);
    await replace(item, { feedback, rejected });
    return true;
  };

  return {
    async lookup(params) {
      await ready();
      const { partition, prompt, variables, signal } = params;
      const refusal = refusalOf(prompt, { isShared: "shared" in partition.scope, ...params.facts });
      if (refusal !== undefined) return miss({ because: "refused", refusal });
      const own = namespaces[partition.namespace] ?? {};
      const threshold = Math.max(own.threshold ?? embedder.threshold, params.threshold ?? -1);
      const mode = params.mode ?? own.mode ?? embedder.mode;
      const key = partitionKey(partition, variables, embedder.id);
      const found = items.partition(key);
      if (found === undefined) return miss({ because: "empty-partition" });
      const asked = canonicalKey(prompt);
      const same = found.byCanonical.get(asked);
      if (same !== undefined && same.row.expiresAt > clock.now())
        return serve(params, { item: same, similarity: 1, guards: ["same-words"], isVerified: false, asked });
      if (threshold >= 1) return miss({ because: "no-candidate", threshold });

      const vector = await embed(prompt, signal);
      if (vector instanceof Error) return miss({ because: "embedder-failed", message: vector.message });
      const near = candidatesOf(found, vector, isVerified === undefined ? threshold : threshold - GREY_BELOW);
      if (near.length === 0) return miss({ because: "no-candidate", threshold });
      const prepared = prepare(prompt);
      const refused: Candidate[] = [];
      for (const { item, similarity } of near) {
        const verdict = judge(item.prepared(), prepared, mode, context);
        const veto = verdict.veto ?? (await laterVeto({ item, similarity, asked, prompt, prepared, threshold }));
        if (typeof veto === "object") {
          tally.veto(veto.guard);
          refused.push({ prompt: item.row.prompt, similarity, guard: veto.guard, veto: veto.reason });
        } else if (items.get(item.row.id) === item)
          return serve(params, { item, similarity, guards: verdict.guards, isVerified: veto === "verified", asked });
      }
      return miss({ because: "guards", candidates: refused });
    },

    async store(params) {
      await ready();
      const { partition, prompt, variables, entryId, expiresAt, signal } = params;
      const refusal = refusalOf(prompt, { isShared: "shared" in partition.scope, ...params.facts });
      if (refusal !== undefined) return { stored: false, reason: refusal };
      const now = clock.now();
      if (!(expiresAt > now)) return { stored: false, reason: "expired" };
      const key = partitionKey(partition, variables, embedder.id);
      const vector = await embed(prompt, signal);
      if (vector instanceof Error) return { stored: false, reason: "embedder-failed" };
      const same = items.partition(key)?.byCanonical.get(canonicalKey(prompt));
      if (same !== undefined) await remove(same);
      const row = toRow(params, { id: randomId(random), key, vector, now });
      const evicted = items.add(row, now);
      tally.evicted(evicted.length);
      await saving(rows?.save(row));
      if (evicted.length > 0) await saving(rows?.delete(evicted));
      return { stored: true, id: row.id };

      function toRow(
        { partition: { namespace } }: StoreParams,
        made: { readonly id: string; readonly key: string; readonly vector: Int8Array; readonly now: number },
      ): SimilarRow {
        const { id, vector } = made;
        return {
          id,
          partition: made.key,
          namespace,
          prompt,
          entryId,
          vector,
          createdAt: made.now,
          expiresAt,
          feedback: [],
          rejected: [],
        };
      }
    },

    reject: (hitId) => settle(hitId, false),
    confirm: (hitId) => settle(hitId, true),

    recentHits: (limit) => recent.list(limit),

    async forget(entryId) {
      await ready();
      const gone = items.ofEntry(entryId);
      for (const item of gone) await remove(item);
      return gone.length;
    },

    stats(): SimilarStats {
      const { sampled, ...counts } = tally.read();
      return {
        items: items.size,
        bytes: items.bytes,
        partitions: items.partitions,
        ...counts,
        falseReuse: Object.fromEntries(
          [...sampled].map(([namespace, { right, wrong }]) => [namespace, toFalseReuse(right + wrong, wrong)]),
        ),
      };
    },
  };

  /** The nearest live items at or above a similarity. Expired ones that stand in the way are removed. */
  function candidatesOf(partition: Partition, vector: Int8Array, least: number): { item: Item; similarity: number }[] {
    const now = clock.now();
    for (;;) {
      const near = partition.index.search(vector, CANDIDATES).flatMap(({ row, similarity }) => {
        const item = partition.items[row];
        return item === undefined || similarity < least ? [] : [{ item, similarity }];
      });
      const expired = near.filter(({ item }) => item.row.expiresAt <= now);
      if (expired.length === 0) return near;
      for (const { item } of expired) void remove(item);
    }
  }

  /** What speaks against a pair after the guards, or that a verifier spoke for it. */
  async function laterVeto({
    item,
    similarity,
    asked,
    prompt,
    prepared,
    threshold,
  }: Pair): Promise<NonNullable<Verdict["veto"]> | "verified" | undefined> {
    if (item.row.rejected.includes(pairKey(asked))) return { guard: "rejected", reason: "was rejected before" };
    const bound = item.row.feedback.some(({ isRight }) => !isRight)
      ? errorBound(item.row.feedback, similarity)
      : undefined;
    if (bound !== undefined && bound > maxError)
      return { guard: "learned", reason: `wrong up to ${Math.round(bound * 100)} % of the time` };
    if (isVerified === undefined) return undefined;
    const stored = item.prepared();
    const rest =
      unmatched(stored.content, prepared.content).length + unmatched(prepared.content, stored.content).length;
    if (similarity >= threshold && rest < MANY_UNMATCHED) return undefined;
    const verdict = await isVerified(item.row.prompt, prompt);
    return verdict ? "verified" : { guard: "verifier", reason: "no yes from the verifier" };
  }
}

/** Names a question in at most 64 characters: what is remembered of hits and rejections stays small. */
function pairKey(canonical: string): string {
  return canonical.length <= 64 ? canonical : createHash("sha256").update(canonical).digest("base64url");
}

interface Winner {
  readonly item: Item;
  readonly similarity: number;
  readonly guards: readonly string[];
  readonly isVerified: boolean;
  readonly asked: string;
}

interface Pair {
  readonly item: Item;
  readonly similarity: number;
  readonly asked: string;
  readonly prompt: string;
  readonly prepared: Prepared;
  readonly threshold: number;
}
