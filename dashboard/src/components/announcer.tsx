import { signal } from "@preact/signals";

const words = signal("");

/** Says something to those who listen to the page instead of looking at it. */
export function announce(text: string): void {
  // The same words twice in a row would be heard once: a space makes them new.
  words.value = words.peek() === text ? `${text} ` : text;
}

/** The place that screen readers watch; once in the page. */
export function Announcer() {
  return (
    <div class="visually-hidden" role="status" aria-live="polite" id="announcer">
      {words.value}
    </div>
  );
}
