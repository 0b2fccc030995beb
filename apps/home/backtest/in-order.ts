import type { EventSeries } from "../domain/series.ts";
import { float, whole } from "../mine/columns.ts";

/** Brings the rows of a series into the order of time; of one moment, as the entities are listed. */
export function inOrder(series: EventSeries): EventSeries {
  const { at, entity, state, cause } = series;
  const order = Uint32Array.from(at, (_, row) => row).sort(
    (a, b) => float(at, a) - float(at, b) || whole(entity, a) - whole(entity, b) || a - b,
  );
  return {
    ...series,
    at: Float64Array.from(order, (row) => float(at, row)),
    entity: Uint32Array.from(order, (row) => whole(entity, row)),
    state: Uint32Array.from(order, (row) => whole(state, row)),
    cause: Uint8Array.from(order, (row) => cause[row] ?? 0),
  };
}
