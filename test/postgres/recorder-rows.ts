/** Seconds since the epoch. */
export const NOON = Date.UTC(2026, 6, 1, 12) / 1_000;

/** Id, seconds after noon, state, entity, context, user, parent; bytes as the database writes them. */
export function rows(bytes: (hex: string) => string): string {
  const row = (id: number, seconds: number, state: string, entity: number, context: string, user = "", parent = "") =>
    `(${id}, ${NOON + seconds}, ${state === "" ? "null" : `'${state}'`}, ${entity}, ${bytes(context)}, ${user === "" ? "null" : bytes(user)}, ${parent === "" ? "null" : bytes(parent)})`;
  return `
    insert into events (event_id, event_type_id, time_fired_ts, context_id_bin)
    values (1, 3, ${NOON - 1}, null), (2, 1, ${NOON + 20}, ${bytes("aa")}), (3, 2, ${NOON + 30}, ${bytes("bb")});
    insert into states (state_id, last_updated_ts, state, metadata_id, context_id_bin, context_user_id_bin, context_parent_id_bin)
    values ${[
      row(1, 0, "off", 1, "01"),
      row(2, 10.123_456, "on", 1, "02", "ff"),
      row(3, 20, "off", 1, "aa"),
      row(4, 25, "unavailable", 1, "04"),
      row(5, 30, "on", 1, "bb"),
      row(6, 40.999_9, "off", 1, "05", "", "02"),
      row(7, 50, "on", 1, "06"),
      row(8, 60, "", 1, "07"),
      row(9, 70, "locked", 2, "08"),
    ].join(", ")};`;
}
