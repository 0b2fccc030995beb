import type { Database } from "millrace";
import { namedIn } from "../backtest/named-in.ts";
import { isActuator, isPerson } from "../domain/names.ts";
import { entitiesOf, type StoredEntity } from "../events/entities.ts";
import { requireHome } from "../events/homes.ts";
import { type NamedEntity, nameWords } from "./parse-wish.ts";
import { knownEntity } from "./try-edits.ts";

/** How many devices a model is told of, at most. */
const MOST_ENTITIES = 40;

export interface EntitiesForParams {
  readonly db: Database;
  readonly home: string;
  readonly wish: string;
  readonly rule: Parameters<typeof namedIn>[0];
}

/** The devices that a wish may mean: those of the rule, those whose names share a word with it, then what people use. */
export async function entitiesFor({ db, home, wish, rule }: EntitiesForParams): Promise<readonly NamedEntity[]> {
  const { key } = await requireHome(db, home);
  const own = new Set(namedIn(rule));
  const words = new Set(
    wish
      .toLowerCase()
      .split(/[^\p{L}\p{N}]+/u)
      .flatMap((word) => nameWords(word)),
  );
  const score = (entity: StoredEntity): number => {
    if (own.has(entity.id)) return 1_000;
    const shared = nameWords(`${entity.id} ${entity.area ?? ""}`).filter((word) => words.has(word)).length;
    return 10 * shared + (isActuator(entity.id) || isPerson(entity.id, entity) ? 1 : 0);
  };
  const nearest = (await entitiesOf(db, key))
    .map((entity) => ({ entity, score: score(entity) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, MOST_ENTITIES);
  const described = await Promise.all(nearest.map(({ entity }) => knownEntity(db, home, entity.id)));
  return nearest.map(({ entity: { id, area, deviceClass } }, index) => ({
    id,
    area,
    deviceClass,
    states: described[index]?.states ?? [],
  }));
}
