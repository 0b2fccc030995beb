import { signal } from "@preact/signals";

/** The present, renewed each second while the page is looked at. */
export const now = signal(Date.now());

/** Starts the clock; called once by the page. */
export function startClock(): void {
  setInterval(() => {
    if (document.visibilityState === "visible") now.value = Date.now();
  }, 1_000);
}
