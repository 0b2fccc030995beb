import type { RouteState } from "./calls/routes.ts";
import type { OpenCache } from "./cache/create-cache.ts";
import type { Registry } from "./observe/metrics/registry.ts";
import type { ObjectiveState } from "./observe/objectives/evaluate.ts";
import type { Pressure } from "./observe/pressure/pressure-monitor.ts";
import { readVersion } from "./package.ts";
import type { RunStore } from "./store/store.ts";

export interface GaugeSources {
  readonly cache: Pick<OpenCache, "counters" | "stats">;
  readonly routes: () => readonly RouteState[];
  readonly runs: Pick<RunStore, "list">;
  readonly pressure: () => Pressure;
  readonly objectives: () => readonly ObjectiveState[];
}

const WAITING = ["queued", "running", "waiting"] as const;
const LEVELS = ["normal", "high", "critical"] as const;

/** What is read whenever somebody asks for metrics: nothing of it is counted on the way. */
export function addGauges(registry: Registry, { cache, routes, runs, pressure, objectives }: GaugeSources): void {
  addCache(registry, cache);
  addRoutes(registry, routes);
  registry.read(
    { name: "millrace_runs", help: "Runs that have not ended, in the whole store.", labels: ["status"], type: "gauge" },
    () =>
      Promise.all(
        WAITING.map(async (status) => ({ labels: [status], value: (await runs.list({ status, limit: 1 })).total })),
      ),
  );
  addProcess(registry, pressure);
  registry.read(
    {
      name: "millrace_objective_burn_rate",
      help: "How fast the budget of failures is spent; 1 is as fast as it may.",
      labels: ["objective", "window"],
      type: "gauge",
    },
    () =>
      objectives().flatMap(({ name, burn }) =>
        Object.entries(burn).flatMap(([window, value]) => (value === null ? [] : [{ labels: [name, window], value }])),
      ),
  );
  registry.read(
    {
      name: "millrace_build_info",
      help: "Which Millrace this is.",
      labels: ["version", "node"],
      type: "gauge",
    },
    () => [{ labels: [readVersion(), process.versions.node], value: 1 }],
  );
}

function addCache(registry: Registry, cache: GaugeSources["cache"]): void {
  registry.read(
    {
      name: "millrace_cache_requests_total",
      help: "What the cache was asked, by namespace and by what answered.",
      labels: ["cache", "result"],
      type: "counter",
    },
    () =>
      Object.entries(cache.counters()).flatMap(([name, { hits, joined, misses }]) =>
        Object.entries({ ...hits, joined, miss: misses }).map(([result, value]) => ({ labels: [name, result], value })),
      ),
  );
  const level = (
    name: string,
    help: string,
    valueOf: (of: { readonly items: number; readonly bytes: number }) => number,
  ) =>
    registry.read({ name, help, labels: ["level"], type: "gauge" }, async () =>
      (await cache.stats()).levels.map((each) => ({ labels: [each.name], value: valueOf(each) })),
    );
  level("millrace_cache_entries", "Entries that a level of the cache holds.", ({ items }) => items);
  level("millrace_cache_bytes", "Bytes that a level of the cache holds.", ({ bytes }) => bytes);
}

function addRoutes(registry: Registry, routes: GaugeSources["routes"]): void {
  registry.read(
    {
      name: "millrace_breaker_state",
      help: "1 for the state that the breaker of a model is in.",
      labels: ["model", "state"],
      type: "gauge",
    },
    () =>
      routes().flatMap(({ model, breaker }) =>
        ["closed", "open", "half-open"].map((state) => ({
          labels: [model, state],
          value: breaker.status === state ? 1 : 0,
        })),
      ),
  );
  registry.read(
    {
      name: "millrace_calls_waiting",
      help: "Calls that wait for their turn at a model.",
      labels: ["model", "for"],
      type: "gauge",
    },
    () =>
      routes().flatMap(({ model, limits, parallel }) => [
        { labels: [model, "rate"], value: limits.waiting },
        { labels: [model, "parallel"], value: parallel.waiting },
      ]),
  );
}

function addProcess(registry: Registry, pressure: () => Pressure): void {
  const gauge = (name: string, help: string, read: () => number): void =>
    registry.read({ name, help, type: "gauge" }, () => [{ labels: [], value: read() }]);
  gauge("process_resident_memory_bytes", "Memory of the process.", () => process.memoryUsage.rss());
  gauge("millrace_heap_used_bytes", "Heap that is used, garbage included.", () => process.memoryUsage().heapUsed);
  gauge("millrace_external_memory_bytes", "Buffers outside of the heap.", () => process.memoryUsage().external);
  gauge(
    "millrace_event_loop_delay_seconds",
    "How late the event loop was: 99th percentile of the last sample.",
    () => (pressure().sample?.loopDelayMs ?? 0) / 1_000,
  );
  gauge("millrace_pressure_level", "0 normal, 1 high, 2 critical.", () => LEVELS.indexOf(pressure().level));
  gauge("process_start_time_seconds", "When the process started, since the epoch.", () =>
    Math.round(performance.timeOrigin / 1_000),
  );
  registry.read({ name: "process_cpu_seconds_total", help: "Processor time of the process.", type: "counter" }, () => {
    const { user, system } = process.cpuUsage();
    return [{ labels: [], value: (user + system) / 1e6 }];
  });
  registry.read(
    {
      name: "millrace_active_resources",
      help: "What keeps the event loop going: sockets, timers.",
      labels: ["type"],
      type: "gauge",
    },
    () =>
      [...Map.groupBy(process.getActiveResourcesInfo(), (type) => type)].map(([type, { length }]) => ({
        labels: [type],
        value: length,
      })),
  );
}
