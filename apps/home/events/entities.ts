import { type Database, number, type Row, text, textOrNull } from "millrace";
import type { HomeEvent } from "../domain/event.ts";
import type { Entity } from "../domain/series.ts";

export interface StoredEntity extends Entity {
  /** What the rows of its events name it by. */
  readonly key: number;
}

const OF_HOME = "select key, id, area, device_class from home_entities where home = :home order by id";

const ADD = `
  insert into home_entities (key, home, id, area, device_class)
  select coalesce(max(key), 0) + 1, :home, :id, :area, :device_class from home_entities where true
  on conflict (home, id) do nothing`;

/** An area or a class that was not known is filled in, one that was known stays. */
const COMPLETE = `
  update home_entities set area = coalesce(area, :area), device_class = coalesce(device_class, :device_class)
  where home = :home and id = :id`;

/** Reads the entities of a home in order of their ids. */
export async function entitiesOf(db: Database, home: number): Promise<readonly StoredEntity[]> {
  return (await db.all(OF_HOME, { home })).map(toEntity);
}

/** The entities of one home, each stored when the first event about it comes by. */
export class EntityKeys {
  readonly #db: Database;
  readonly #home: number;
  readonly #known: Map<string, StoredEntity>;

  constructor(db: Database, home: number, known: readonly StoredEntity[]) {
    this.#db = db;
    this.#home = home;
    this.#known = new Map(known.map((entity) => [entity.id, entity]));
  }

  static async open(db: Database, home: number): Promise<EntityKeys> {
    return new EntityKeys(db, home, await entitiesOf(db, home));
  }

  get count(): number {
    return this.#known.size;
  }

  keyOf(entityId: string): number {
    const entity = this.#known.get(entityId);
    if (entity === undefined) throw new RangeError(`${entityId} was not prepared`);
    return entity.key;
  }

  /** Stores the entities of these events that are new, and what is new about the others. */
  async prepare(events: readonly HomeEvent[]): Promise<void> {
    const lacking = new Map<string, HomeEvent>();
    for (const event of events) if (this.#tellsMore(event)) lacking.set(event.entityId, merged(event, lacking));
    if (lacking.size === 0) return;
    const statements = [...lacking.values()].flatMap(({ entityId, area, deviceClass }) => {
      const params = { home: this.#home, id: entityId, area: area ?? null, device_class: deviceClass ?? null };
      return [
        { sql: ADD, params },
        { sql: COMPLETE, params },
      ];
    });
    await this.#db.write(statements);
    for (const entity of await entitiesOf(this.#db, this.#home)) this.#known.set(entity.id, entity);
  }

  #tellsMore({ entityId, area, deviceClass }: HomeEvent): boolean {
    const known = this.#known.get(entityId);
    if (known === undefined) return true;
    return (area !== undefined && known.area === null) || (deviceClass !== undefined && known.deviceClass === null);
  }
}

function merged(event: HomeEvent, earlier: ReadonlyMap<string, HomeEvent>): HomeEvent {
  return { ...event, ...earlier.get(event.entityId) };
}

function toEntity(row: Row): StoredEntity {
  return {
    key: number(row, "key"),
    id: text(row, "id"),
    area: textOrNull(row, "area"),
    deviceClass: textOrNull(row, "device_class"),
  };
}
