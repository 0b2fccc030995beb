import { type Database, number, type Statement, text, textOrNull } from "millrace";
import type { HomeEntity } from "./registries.ts";

const KNOWN = "select key, id, registry_id from home_entities where home = :home";

const PUT = `
  insert into home_entities (key, home, id, area, device_class, name, device, registry_id)
  select coalesce(max(key), 0) + 1, :home, :id, :area, :device_class, :name, :device, :registry_id from home_entities where true
  on conflict (home, id) do update set area = excluded.area, device_class = excluded.device_class,
    name = excluded.name, device = excluded.device, registry_id = excluded.registry_id`;

const RENAME = "update home_entities set id = :id where key = :key";
const MOVE = `
  insert into home_events (home, at, entity, state, cause)
  select home, at, :into, state, cause from home_events where entity = :key and home = :home
  on conflict (home, at, entity, state) do nothing`;
const EMPTY = "delete from home_events where home = :home and entity = :key";
const DROP = "delete from home_entities where key = :key";

export interface KeepEntitiesParams {
  readonly db: Database;
  /** Writes that the kept lists are told of. */
  readonly tables: Database;
  /** The home's key. */
  readonly home: number;
  readonly entities: readonly HomeEntity[];
  /** What else goes by the new names, written in the same transaction. */
  readonly follow: (renamed: Renamed) => Promise<readonly Statement[]>;
}

/** Old name first. */
type Renamed = readonly (readonly [string, string])[];

/**
 * Stores what the registries say, in one transaction. An entity that was renamed keeps its history under the new name. Gives the renamed
 * ones, old name first.
 */
export async function keepEntities({ db, tables, home, entities, follow }: KeepEntitiesParams): Promise<Renamed> {
  const known = (await db.all(KNOWN, { home })).map((row) => ({
    key: number(row, "key"),
    id: text(row, "id"),
    registryId: textOrNull(row, "registry_id"),
  }));
  const byId = new Map(known.map((entity) => [entity.id, entity]));
  const byRegistry = new Map(
    known.flatMap((entity) => (entity.registryId === null ? [] : [[entity.registryId, entity]])),
  );
  const renamed: (readonly [string, string])[] = [];
  const statements: Statement[] = [];
  for (const { entityId, registryId, area, deviceClass, name, device, isKept, isDisabled } of entities) {
    const before = registryId === null ? undefined : byRegistry.get(registryId);
    if (before !== undefined && before.id !== entityId) {
      renamed.push([before.id, entityId]);
      statements.push(...rename({ home, key: before.key, id: entityId, into: byId.get(entityId)?.key }));
    }
    if (!isKept || isDisabled) continue;
    const params = { home, id: entityId, area, device_class: deviceClass, name, device, registry_id: registryId };
    statements.push({ sql: PUT, params });
  }
  if (renamed.length > 0) await tables.write([...statements, ...(await follow(renamed))]);
  else if (statements.length > 0) await db.write(statements);
  return renamed;
}

interface RenameParams {
  readonly home: number;
  readonly key: number;
  readonly id: string;
  /** An entity that stands under the new name already: the history joins its own. */
  readonly into: number | undefined;
}

function rename({ home, key, id, into }: RenameParams): readonly Statement[] {
  if (into === undefined) return [{ sql: RENAME, params: { id, key } }];
  return [
    { sql: MOVE, params: { home, key, into } },
    { sql: EMPTY, params: { home, key } },
    { sql: DROP, params: { key } },
  ];
}
