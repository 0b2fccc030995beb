import type { CacheDatabase, CacheSqlValue } from "../contract.ts";
import type { Feedback } from "./learned-bound.ts";
import type { SimilarRow, SimilarRows, SimilarSamples } from "./rows.ts";

const LOAD = `select id, partition, namespace, prompt, entry_id, vector, created_at, expires_at, feedback, rejected
  from similar_questions where expires_at > :now order by created_at desc limit :limit`;
const SAVE = `insert into similar_questions (id, partition, namespace, prompt, entry_id, vector, created_at, expires_at, feedback, rejected)
  values (:id, :partition, :namespace, :prompt, :entryId, :vector, :createdAt, :expiresAt, :feedback, :rejected)
  on conflict (id) do update set expires_at = excluded.expires_at, entry_id = excluded.entry_id,
    feedback = excluded.feedback, rejected = excluded.rejected`;
const SWEEP = `delete from similar_questions where expires_at <= :now or created_at <
  (select created_at from similar_questions order by created_at desc limit 1 offset :limit)`;
const LOAD_SAMPLES = "select namespace, was_right, was_wrong from similar_samples order by namespace limit 1000";
const ADD_SAMPLES = `insert into similar_samples (namespace, was_right, was_wrong) values (:namespace, :right, :wrong)
  on conflict (namespace) do update set was_right = was_right + excluded.was_right, was_wrong = was_wrong + excluded.was_wrong`;
const DELETE = "delete from similar_questions where id in (select value from json_each(:ids))";

/** Folder of the SQL that makes the table. */
export const SIMILAR_MIGRATIONS = new URL("./migrations/", import.meta.url);

/** Keeps questions in the table `similar_questions` of a SQLite database, and what sampling measured in `similar_samples`. */
export function createDatabaseRows(database: CacheDatabase): SimilarRows {
  return {
    async load(now, limit) {
      await database.write([{ sql: SWEEP, params: { now, limit } }]);
      const rows = await database.all(LOAD, { now, limit });
      return rows.flatMap(toRow);
    },
    async loadSamples() {
      const rows = await database.all(LOAD_SAMPLES, {});
      return rows.map(toSamples);
    },
    async addSamples({ namespace, right, wrong }) {
      await database.write([{ sql: ADD_SAMPLES, params: { namespace, right, wrong } }]);
    },
    async save(row) {
      await database.write([{ sql: SAVE, params: toParams(row) }]);
    },
    async delete(ids) {
      if (ids.length > 0) await database.write([{ sql: DELETE, params: { ids: JSON.stringify(ids) } }]);
    },
  };
}

function toParams(row: SimilarRow): Record<string, CacheSqlValue> {
  const { id, partition, namespace, prompt, entryId, vector, createdAt, expiresAt, feedback, rejected } = row;
  return {
    id,
    partition,
    namespace,
    prompt,
    entryId,
    vector: new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength),
    createdAt,
    expiresAt,
    feedback: JSON.stringify(feedback.map(({ similarity, isRight }) => [similarity, isRight ? 1 : 0])),
    rejected: JSON.stringify(rejected),
  };
}

function toSamples(row: Readonly<Record<string, CacheSqlValue>>): SimilarSamples {
  return {
    namespace: String(row["namespace"]),
    right: Number(row["was_right"]),
    wrong: Number(row["was_wrong"]),
  };
}

function toRow(row: Readonly<Record<string, CacheSqlValue>>): SimilarRow[] {
  try {
    const bytes = row["vector"];
    if (!(bytes instanceof Uint8Array)) return [];
    const feedback = JSON.parse(String(row["feedback"])) as readonly (readonly [number, number])[];
    return [
      {
        id: String(row["id"]),
        partition: String(row["partition"]),
        namespace: String(row["namespace"]),
        prompt: String(row["prompt"]),
        entryId: String(row["entry_id"]),
        vector: Int8Array.from(bytes, (byte) => (byte << 24) >> 24),
        createdAt: Number(row["created_at"]),
        expiresAt: Number(row["expires_at"]),
        feedback: feedback.map(([similarity, isRight]): Feedback => ({ similarity, isRight: isRight === 1 })),
        rejected: JSON.parse(String(row["rejected"])) as string[],
      },
    ];
  } catch {
    return [];
  }
}
