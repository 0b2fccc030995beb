import { wilsonBound } from "./binomial.ts";
import type { Firing } from "./judge.ts";

/** A firing counts half as much as one so many days later. */
const HALF_LIFE_DAYS = 60;

/** How a habit stands by now. */
export interface Recent {
  /** Sum of the weights of all firings; one on the last day weighs 1. */
  readonly trials: number;
  /** Lower end of the 95 % Wilson interval of the weighted hit rate, for as many firings as the weights are worth. */
  readonly wilson: number;
}

/** Weighs firings by their age, so that a habit that was given up loses its standing and one that was taken up gains it. */
export function weighRecent(firings: readonly Pick<Firing, "day" | "hit">[], endDay: number): Recent {
  let trials = 0;
  let hits = 0;
  let squares = 0;
  for (const { day, hit } of firings) {
    const weight = 2 ** ((day - endDay + 1) / HALF_LIFE_DAYS);
    trials += weight;
    squares += weight * weight;
    if (hit) hits += weight;
  }
  if (trials === 0) return { trials: 0, wilson: 0 };
  const worth = (trials * trials) / squares;
  return { trials, wilson: wilsonBound((hits / trials) * worth, worth) };
}
