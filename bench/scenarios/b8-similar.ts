import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { createSeededRandom, systemClock, type Random } from "millrace";
import {
  createHashEmbedder,
  createSimilar,
  createVectorIndex,
  openLocalEmbedder,
  quantize,
  type Embedder,
  type SimilarMode,
} from "millrace/cache";
import { measurePaired, ratio } from "../harness/paired.ts";
import { importPeer } from "../harness/peers.ts";
import type { Row, Scenario } from "../harness/scenario.ts";

const ENTRIES = 100_000;
const DIMENSIONS = 384;
const CLUSTERS = 500;
const QUERIES = 20;
const MOST_MS = 7;
const LEAST_RECALL = 0.4;
const SAMPLES = new URL("../../../shared/data/semantic-cache/pairs.jsonl", import.meta.url);
const EVALUATION = new URL("../../src/cache/semantic/evaluation/", import.meta.url);

/** B8: the nearest of 100,000 questions, and how often a wrong answer is served. */
export const similarQuestions: Scenario = {
  id: "B8",
  title: "similar questions",
  description:
    "The three nearest of 100,000 vectors of 384 dimensions, by Millrace in WebAssembly (as it comes, which at this size compares signs first and scores the nearest 400, and by the exact 8-bit scan), sqlite-vec (exact, 32-bit floats) and usearch (approximate, native); one query at a time, in CPU time of the process, so that a busy machine does not count. Then pairs of prompts stored and looked up: recall is the share of paraphrases served, false reuse the share of traps served, with each embedder and mode, and by the cosine alone at the embedder's own threshold. Sets: two of samples, and both halves of the project's own evaluation, one of which the guards were made with.",
  target: `at most ${MOST_MS} ms of CPU a look-up; in strict, the default, and in balanced no trap served at a recall of at least ${LEAST_RECALL * 100} %`,
  async run({ seed, say }) {
    say("filling three indexes");
    const speed = await measureSpeed(createSeededRandom(seed));
    const quality = await measureQuality(say);
    const rows = [...speed, ...quality];
    const valueOf = (side: string): number => rows.find((row) => row.side === side)?.value ?? Number.NaN;
    const judged = quality.filter(({ side }) => / (?:strict|balanced):/.test(side));
    const met =
      valueOf("millrace") <= MOST_MS &&
      judged.every(({ side, value }) => (side.endsWith("false reuse") ? value === 0 : value >= LEAST_RECALL * 100));
    return {
      rows,
      ratios: {
        "time of sqlite-vec to millrace": ratio(rows, "sqlite-vec", "millrace"),
        "time of usearch to millrace": ratio(rows, "usearch", "millrace"),
      },
      met,
    };
  },
};

async function measureSpeed(random: Random): Promise<Row[]> {
  const makeVector = createVectors(random);
  const vectors = Array.from({ length: ENTRIES }, makeVector);
  const index = createVectorIndex({ dimensions: DIMENSIONS });
  const exact = createVectorIndex({ dimensions: DIMENSIONS, prefilterAbove: ENTRIES });
  for (const vector of vectors) for (const one of [index, exact]) one.add(quantize(vector));
  const sqlite = await openSqliteVec(vectors);
  const usearch = await openUsearch(vectors);
  const queries = Array.from({ length: QUERIES }, makeVector);
  const side = (name: string, search: (query: Float32Array) => unknown) => ({
    name,
    unit: "ms CPU",
    measure: async () => {
      const before = process.cpuUsage();
      for (const query of queries) search(query);
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000 / QUERIES;
    },
  });
  const rows = await measurePaired(
    [
      side("sqlite-vec", sqlite.search),
      side("usearch", usearch),
      side("millrace", (query) => index.search(quantize(query), 3)),
      side("millrace, exact scan", (query) => exact.search(quantize(query), 3)),
    ],
    { rounds: 9 },
  );
  sqlite.close();
  const agreed = queries
    .map(quantize)
    .filter((query) => index.search(query, 1)[0]?.row === exact.search(query, 1)[0]?.row);
  const share = (100 * agreed.length) / QUERIES;
  return [...rows, { side: "millrace: nearest as by exact scan", value: share, unit: "%", spread: [share, share] }];
}

/** Vectors in clusters, as questions are. */
function createVectors(random: Random): () => Float32Array {
  const centres = Array.from({ length: CLUSTERS }, () =>
    Float32Array.from({ length: DIMENSIONS }, () => random.next() - 0.5),
  );
  return () => {
    const centre = centres[Math.floor(random.next() * CLUSTERS)] ?? new Float32Array(DIMENSIONS);
    const vector = centre.map((value) => value + (random.next() - 0.5) * 0.7);
    const norm = Math.hypot(...vector);
    return vector.map((value) => value / norm);
  };
}

async function openSqliteVec(vectors: readonly Float32Array[]) {
  const extension = await importPeer<{ load(database: DatabaseSync): void }>("sqlite-vec");
  const database = new DatabaseSync(":memory:", { allowExtension: true });
  extension.load(database);
  database.exec(`create virtual table questions using vec0(vector float[${DIMENSIONS}] distance_metric=cosine)`);
  const insert = database.prepare("insert into questions (rowid, vector) values (?, ?)");
  database.exec("begin");
  for (const [at, vector] of vectors.entries()) insert.run(BigInt(at + 1), toBytes(vector));
  database.exec("commit");
  const search = database.prepare(
    "select rowid, distance from questions where vector match ? order by distance limit 3",
  );
  return { search: (query: Float32Array): unknown => search.all(toBytes(query)), close: () => database.close() };
}

function toBytes(vector: Float32Array): Uint8Array {
  return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
}

interface Usearch {
  readonly Index: new (options: object) => {
    add(keys: BigUint64Array, vectors: Float32Array): void;
    search(query: Float32Array, count: number, threads: number): unknown;
  };
  readonly MetricKind: { readonly Cos: unknown };
  readonly ScalarKind: { readonly I8: unknown };
}

async function openUsearch(vectors: readonly Float32Array[]): Promise<(query: Float32Array) => unknown> {
  const module = await importPeer<Usearch & { readonly default?: Usearch }>("usearch");
  const { Index, MetricKind, ScalarKind } = module.default ?? module;
  const index = new Index({
    metric: MetricKind.Cos,
    quantization: ScalarKind.I8,
    dimensions: DIMENSIONS,
    multi: false,
  });
  for (let at = 0; at < vectors.length; at += 1000) {
    const batch = vectors.slice(at, at + 1000);
    const flat = new Float32Array(batch.length * DIMENSIONS);
    for (const [row, vector] of batch.entries()) flat.set(vector, row * DIMENSIONS);
    index.add(
      BigUint64Array.from(batch, (_, row) => BigInt(at + row)),
      flat,
    );
  }
  return (query) => index.search(query, 3, 1);
}

interface Pair {
  readonly set: string;
  readonly a: string;
  readonly b: string;
  readonly same: 0 | 1;
}

async function measureQuality(say: (text: string) => void): Promise<Row[]> {
  const samples = readSamples();
  if (samples.length === 0) say("the sample pairs are not there: only the evaluation is measured");
  const pairs = [...samples, ...readEvaluation("traps.txt", 0), ...readEvaluation("paraphrases.txt", 1)];
  const local = await openLocalEmbedder(importPeer);
  const rows: Row[] = [];
  for (const embedder of [createHashEmbedder(), ...(local === undefined ? [] : [local])]) {
    for (const set of new Set(pairs.map((pair) => pair.set))) {
      const some = pairs.filter((pair) => pair.set === set);
      const name = embedder.id.split("@")[0] ?? "";
      rows.push(...toRows(`${name} ${set} cosine alone`, some, await servedByCosine(embedder, some)));
      for (const mode of ["exact-terms", "strict", "balanced"] as const)
        rows.push(...toRows(`${name} ${set} ${mode}`, some, await served(embedder, mode, some)));
    }
  }
  return rows;
}

function readSamples(): Pair[] {
  try {
    const lines = readFileSync(SAMPLES, "utf8").trim().split("\n");
    return lines.map((line) => JSON.parse(line) as Pair);
  } catch {
    return [];
  }
}

/** Lines of `KIND: PROMPT | PROMPT`; of each kind every second one is held out. */
function readEvaluation(name: string, same: Pair["same"]): Pair[] {
  const seen = new Map<string, number>();
  const lines = readFileSync(new URL(name, EVALUATION), "utf8").trim().split("\n");
  return lines.map((line) => {
    const [, kind = "", a = "", b = ""] = /^([\w-]+): (.+) \| (.+)$/.exec(line) ?? [];
    const count = seen.get(kind) ?? 0;
    seen.set(kind, count + 1);
    return { set: count % 2 === 0 ? "development" : "held-out", a, b, same };
  });
}

async function served(embedder: Embedder, mode: SimilarMode, pairs: readonly Pair[]): Promise<Set<Pair>> {
  const found = new Set<Pair>();
  for (const pair of pairs) {
    const similar = createSimilar({ embedder, clock: systemClock, random: createSeededRandom(1) });
    const partition = { namespace: "pairs", scope: { tenant: "bench", user: "bench" }, model: "none" };
    await similar.store({ partition, prompt: pair.a, entryId: "a", expiresAt: systemClock.now() + 60_000 });
    const answer = await similar.lookup({ partition, prompt: pair.b, mode });
    if (answer.kind === "hit") found.add(pair);
  }
  return found;
}

async function servedByCosine(embedder: Embedder, pairs: readonly Pair[]): Promise<Set<Pair>> {
  const found = new Set<Pair>();
  for (const pair of pairs) {
    const [a = [], b = []] = await embedder.embed([pair.a, pair.b]);
    const index = createVectorIndex({ dimensions: embedder.dimensions });
    index.add(quantize(a));
    const similarity = index.search(quantize(b), 1)[0]?.similarity ?? 0;
    if (similarity >= embedder.threshold) found.add(pair);
  }
  return found;
}

function toRows(name: string, pairs: readonly Pair[], found: ReadonlySet<Pair>): Row[] {
  const share = (same: 0 | 1): number => {
    const all = pairs.filter((pair) => pair.same === same);
    return (100 * all.filter((pair) => found.has(pair)).length) / all.length;
  };
  const row = (side: string, value: number): Row => ({ side, value, unit: "%", spread: [value, value] });
  return [row(`${name}: recall`, share(1)), row(`${name}: false reuse`, share(0))];
}
