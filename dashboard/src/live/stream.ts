import type { LiveEvent } from "millrace/http";

/** Every name of the event map, so that the browser's EventSource hears them all. */
const NAMES = {
  "run-queued": true,
  "run-start": true,
  "run-end": true,
  "step-start": true,
  "step-end": true,
  "step-progress": true,
  "call-end": true,
  "call-failed": true,
} as const satisfies Record<LiveEvent["name"], true>;

export interface StreamHandlers {
  readonly onEvent: (event: LiveEvent) => void;
  /** Events may have been missed: load what they would have told. Also called at the first connection. */
  readonly onResync: () => void;
  readonly onState: (state: "open" | "lost") => void;
}

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 15_000;

/**
 * Listens to the live events for as long as the page is looked at. A hidden page hangs up, because a browser keeps only six connections
 * to one host and every open tab would hold one. Call what it returns to stop.
 */
export function listen(url: string, handlers: StreamHandlers): () => void {
  let source: EventSource | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let waitMs = FIRST_RETRY_MS;

  function open(): void {
    hangUp();
    const opened = new EventSource(url);
    source = opened;
    opened.addEventListener("open", () => {
      waitMs = FIRST_RETRY_MS;
      handlers.onState("open");
      handlers.onResync();
    });
    opened.addEventListener("error", () => {
      handlers.onState("lost");
      opened.close();
      retry = setTimeout(open, waitMs);
      waitMs = Math.min(waitMs * 2, LONGEST_RETRY_MS);
    });
    opened.addEventListener("resync", handlers.onResync);
    for (const name of Object.keys(NAMES) as LiveEvent["name"][]) {
      opened.addEventListener(name, (message: MessageEvent<string>) => {
        const data: unknown = JSON.parse(message.data);
        handlers.onEvent({ name, data } as LiveEvent);
      });
    }
  }

  function hangUp(): void {
    clearTimeout(retry);
    source?.close();
    source = undefined;
  }

  function follow(): void {
    if (document.visibilityState === "hidden") hangUp();
    else if (source === undefined) open();
  }

  document.addEventListener("visibilitychange", follow);
  follow();
  return () => {
    document.removeEventListener("visibilitychange", follow);
    hangUp();
  };
}
