import type { Config } from "./config.ts";
import type { Clock } from "./core/clock.ts";
import { createEvents, type EventMap, type EventName, type Events } from "./core/events.ts";
import type { Ids } from "./core/ids.ts";
import type { Log } from "./core/log.ts";
import type { Resources } from "./core/resources.ts";

export interface HostLiveOptions {
  readonly config: Pick<Config, "database" | "role">;
  readonly events: Events;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly resources: Resources;
}

/** By name: who listens to all has even those made that nobody is shown. */
const SHOWN = [
  "run-queued",
  "run-start",
  "run-end",
  "step-start",
  "step-end",
  "step-progress",
  "call-end",
  "call-failed",
] as const satisfies readonly EventName[];
/** Events wait so long for others to travel with, in milliseconds. */
const GATHER_MS = 100;
/** Of one such time; who looks on is told to load anew instead of the rest. */
const MOST_EVENTS = 300;
const RESYNC = "resync";

/**
 * What a dashboard shows as it happens: the events of this process and, on Postgres, those of all others. The others' are shown and nothing
 * else: who counts or acts on events hears those of its own process alone.
 */
export async function openHostLive(options: HostLiveOptions): Promise<Events> {
  const { config, events, clock, ids, log, resources } = options;
  if (config.database === undefined) return events;
  const { openRelay } = await import("./store/postgres/relay.ts");
  const elsewhere = createEvents((error) => log.error({ error }, "a listener failed"));
  let gathered: string[] = [];

  const relay = await openRelay({
    url: config.database.url,
    id: ids.next(),
    clock,
    log,
    ...(config.role === "worker" ? {} : { onText: show }),
  });

  function show(text: string): void {
    const { name, event } = JSON.parse(text) as { name: EventName; event: EventMap[EventName] };
    elsewhere.emit(name, event);
  }

  function send(): void {
    const texts = gathered.length > MOST_EVENTS ? [JSON.stringify({ name: RESYNC, event: {} })] : gathered;
    gathered = [];
    relay.send(texts);
  }

  function gather(event: object, name: EventName): void {
    if (gathered.length === 0) clock.after(GATHER_MS, send);
    // One more than is sent says that there were too many.
    if (gathered.length <= MOST_EVENTS) gathered.push(JSON.stringify({ name, event }));
  }

  const stops = SHOWN.map((name) => events.on(name, gather));
  resources.add("live events", async () => {
    for (const stop of stops) stop();
    send();
    await relay.close();
  });

  return {
    ...events,
    onAny(listener) {
      const ends = [events.onAny(listener), elsewhere.onAny(listener)];
      return () => {
        for (const end of ends) end();
      };
    },
  };
}
