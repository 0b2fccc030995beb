import type { Guard } from "./guard.ts";
import { differenceOf } from "./multiset.ts";

/** Guard 1: numbers, amounts with their units, times, dates, identifiers and operators are the same. */
export const numbers: Guard = { name: "numbers", veto: (a, b) => differenceOf(a.values, b.values) };
