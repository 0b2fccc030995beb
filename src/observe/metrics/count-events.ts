import type { Events } from "../../core/events.ts";
import { SLOW_BUCKETS } from "./buckets.ts";
import type { Histogram, Registry } from "./registry.ts";

/** What is counted of runs, steps and calls, and read again for summaries. */
export interface EventMetrics {
  /** By model, in seconds; of calls that somebody waited for. */
  readonly calls: Histogram;
  close(): void;
}

/** Counts runs, steps and calls as the events tell of them. Nothing is counted of single hits of the cache: its own counters say the same. */
export function countEvents(events: Events, registry: Registry): EventMetrics {
  const runsStarted = registry.counter({
    name: "millrace_runs_started_total",
    help: "Runs that a worker of this process claimed, again after a crash included.",
    labels: ["automation"],
  });
  const runsEnded = registry.counter({
    name: "millrace_runs_ended_total",
    help: "Runs that ended.",
    labels: ["automation", "status"],
  });
  const runSeconds = registry.histogram({
    name: "millrace_run_duration_seconds",
    help: "From the start of a run to its end.",
    labels: ["automation"],
    buckets: SLOW_BUCKETS,
  });
  const steps = registry.counter({
    name: "millrace_steps_total",
    help: "Steps whose outcome was stored.",
    labels: ["state"],
  });
  const stepSeconds = registry.histogram({
    name: "millrace_step_duration_seconds",
    help: "Time of a step, its attempts included.",
    buckets: SLOW_BUCKETS,
  });
  const answered = registry.counter({
    name: "millrace_calls_total",
    help: "Calls to models that were answered.",
    labels: ["model", "source"],
  });
  const failed = registry.counter({
    name: "millrace_call_failures_total",
    help: "Requests to providers that failed; the call may have been answered all the same.",
    labels: ["model", "code"],
  });
  const calls = registry.histogram({
    name: "millrace_call_duration_seconds",
    help: "Time of a call that somebody waited for.",
    labels: ["model"],
    buckets: SLOW_BUCKETS,
  });
  const tokens = registry.counter({
    name: "millrace_model_tokens_total",
    help: "Tokens that providers counted.",
    labels: ["model", "type"],
  });
  const cost = registry.counter({
    name: "millrace_model_cost_usd_total",
    help: "What calls cost, in US dollars, where the price is known.",
    labels: ["model"],
  });
  const stops = [
    events.on("run-start", ({ automation }) => runsStarted.add([automation])),
    events.on("run-end", ({ automation, status, ms }) => {
      runsEnded.add([automation, status]);
      runSeconds.observe([automation], ms / 1_000);
    }),
    events.on("step-end", ({ state, ms }) => {
      steps.add([state]);
      stepSeconds.observe([], ms / 1_000);
    }),
    events.on("call-end", (call) => {
      const { model, source, inputTokens, outputTokens } = call;
      answered.add([model, source]);
      if (call.isBackground !== true) calls.observe([model], call.ms / 1_000);
      if (source === "provider" || source === "fallback" || source === "batch") {
        tokens.add([model, "input"], inputTokens);
        tokens.add([model, "output"], outputTokens);
        cost.add([model], call.usd ?? 0);
      }
    }),
    events.on("call-failed", ({ model, error }) => failed.add([model, error.code])),
  ];
  return {
    calls,
    close() {
      for (const stop of stops) stop();
    },
  };
}
