import { refuse } from "../exchange.ts";
import { type Generation, rateHeaders, untilAborted } from "../generation.ts";
import { sendText } from "../http/send.ts";
import type { Complaint } from "../lane.ts";
import type { Fault, FaultSpec } from "./fault.ts";

/** Faults that are an error of the provider. */
const COMPLAINTS = {
  "rate-limit": "rate-limit",
  "rate-limit-bare": "rate-limit",
  "slow-down": "slow-down",
  "server-error": "server-error",
  overloaded: "overloaded",
  unavailable: "unavailable",
  timeout: "timeout",
  forbidden: "forbidden",
  "unknown-model": "unknown-model",
  quota: "quota",
  "spend-limit": "spend-limit",
  "context-length": "context-length",
  "content-policy": "content-policy",
  "no-prefill": "no-prefill",
} as const satisfies Partial<Record<Fault, string>>;

const HTML =
  "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>\n";

/** Lets a request fail that gets no answer. Says whether it did. */
export async function misbehave(generation: Generation): Promise<boolean> {
  const { spec, question, request, response, world, left } = generation;
  if (spec === undefined) return false;
  const { fault } = spec;
  const complaint = misbehaviourOf(fault, question.model);
  if (complaint !== undefined) {
    const headers = { ...rateHeaders(generation, question.model), ...retryAfter(generation, spec) };
    refuse(generation, complaint, headers);
    return true;
  }
  if (fault === "html") {
    sendText(response, { status: 502, text: HTML, type: "text/html" });
    return true;
  }
  if (fault !== "reset" && fault !== "silent") return false;
  generation.record.outcome = "cut";
  if (fault === "reset") {
    request.socket.resetAndDestroy();
    return true;
  }
  if (spec.delayMs === undefined) await untilAborted(left);
  else await world.clock.sleep(spec.delayMs, left);
  request.socket.destroy();
  return true;
}

/** What a provider says for a fault; undefined for one that is no error of the provider. */
export function misbehaviourOf(fault: Fault, model: string): Complaint | undefined {
  if (fault === "unauthorized") return { kind: "unauthorized", hasKey: true };
  return isComplaint(fault) ? { kind: COMPLAINTS[fault], model } : undefined;
}

function isComplaint(fault: Fault): fault is keyof typeof COMPLAINTS {
  return fault in COMPLAINTS;
}

/** Faults that ask for a wait even where the fault itself names none. */
const ALWAYS_WAITS = new Set<Fault>(["rate-limit", "slow-down"]);

function retryAfter({ world }: Generation, spec: FaultSpec): Record<string, string> {
  const { retryAfterSeconds: standard, skewMs } = world.behaviour();
  const seconds = spec.retryAfterSeconds ?? (ALWAYS_WAITS.has(spec.fault) ? standard : undefined);
  if (seconds === undefined || spec.fault === "rate-limit-bare") return {};
  switch (spec.retryAfterForm) {
    case "date":
      return { "retry-after": new Date(world.clock.now() + skewMs + seconds * 1_000).toUTCString() };
    case "milliseconds":
      return { "retry-after": String(seconds), "retry-after-ms": String(seconds * 1_000) };
    case "seconds":
    case undefined:
      return { "retry-after": String(seconds) };
  }
}
