import type { Guard } from "./guard.ts";
import { differenceOf } from "./multiset.ts";

/** Guard 3: what stands in quotes is the same. */
export const quotes: Guard = { name: "quotes", veto: (a, b) => differenceOf(a.quotes, b.quotes) };
