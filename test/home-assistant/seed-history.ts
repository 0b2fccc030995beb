import { DatabaseSync } from "node:sqlite";

export interface SeededChange {
  readonly at: number;
  readonly entityId: string;
  readonly state: string;
  /** The user who did it, as Home Assistant names users: 32 hexadecimal digits. */
  readonly userId?: string;
}

/** Writes changes into the database of a Home Assistant that does not run, as its recorder would have done in the past. */
export function seedHistory(path: string, changes: readonly SeededChange[]): void {
  const database = new DatabaseSync(path);
  const meta = database.prepare("select metadata_id from states_meta where entity_id = ?");
  const add = database.prepare(`
    insert into states (state, metadata_id, last_updated_ts, last_changed_ts, origin_idx, old_state_id, context_id_bin, context_user_id_bin)
    values (?, ?, ?, null, 0, ?, randomblob(16), ?)`);
  const latest = new Map<string, number | bigint>();
  database.exec("begin");
  for (const { at, entityId, state, userId } of changes.toSorted((a, b) => a.at - b.at)) {
    const id = meta.get(entityId)?.["metadata_id"];
    if (typeof id !== "number") throw new Error(`${entityId} was never recorded`);
    const user = userId === undefined ? null : Buffer.from(userId, "hex");
    const { lastInsertRowid } = add.run(state, id, at / 1_000, latest.get(entityId) ?? null, user);
    latest.set(entityId, lastInsertRowid);
  }
  // What is older than its first run, Home Assistant does not look for.
  const [first] = changes.map(({ at }) => at).toSorted((a, b) => a - b);
  database
    .prepare("update recorder_runs set start = ? where run_id = (select min(run_id) from recorder_runs)")
    .run(new Date((first ?? 0) - 86_400_000).toISOString().replace("T", " ").replace("Z", "000"));
  database.exec("commit");
  database.close();
}
