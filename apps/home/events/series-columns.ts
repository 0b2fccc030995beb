import type { Entity, EventSeries } from "../domain/series.ts";

const FIRST_ROWS = 4_096;

/** Collects rows as columns that grow by doubling. */
export class SeriesColumns {
  #count = 0;
  #at = new Float64Array(FIRST_ROWS);
  #entity = new Uint32Array(FIRST_ROWS);
  #state = new Uint32Array(FIRST_ROWS);
  #cause = new Uint8Array(FIRST_ROWS);
  readonly #entities = new Map<number, number>();
  readonly #states = new Map<string, number>();

  /** Adds a row; the entity is any number that stands for one. */
  push(
    { at, entity, state }: { readonly at: number; readonly entity: number; readonly state: string },
    cause: number,
  ): void {
    if (this.#count === this.#at.length) this.#grow();
    this.#at[this.#count] = at;
    this.#entity[this.#count] = placeOf(this.#entities, entity);
    this.#state[this.#count] = placeOf(this.#states, state);
    this.#cause[this.#count] = cause;
    this.#count += 1;
  }

  toSeries(entityOf: (entity: number) => Entity): EventSeries {
    return {
      at: this.#at.slice(0, this.#count),
      entity: this.#entity.slice(0, this.#count),
      state: this.#state.slice(0, this.#count),
      cause: this.#cause.slice(0, this.#count),
      entities: [...this.#entities.keys()].map(entityOf),
      states: [...this.#states.keys()],
    };
  }

  #grow(): void {
    const rows = this.#at.length * 2;
    this.#at = copied(new Float64Array(rows), this.#at);
    this.#entity = copied(new Uint32Array(rows), this.#entity);
    this.#state = copied(new Uint32Array(rows), this.#state);
    this.#cause = copied(new Uint8Array(rows), this.#cause);
  }
}

function placeOf<K>(places: Map<K, number>, key: K): number {
  const known = places.get(key);
  if (known !== undefined) return known;
  places.set(key, places.size);
  return places.size - 1;
}

function copied<A extends { set(from: A): void }>(to: A, from: A): A {
  to.set(from);
  return to;
}
