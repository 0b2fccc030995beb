import { computed, type ReadonlySignal } from "@preact/signals";
import { now } from "./now.ts";

/** Changes every so often while the page is looked at: for what tells no events of its own. */
export function every(seconds: number): ReadonlySignal<number> {
  return computed(() => Math.floor(now.value / (seconds * 1_000)));
}
