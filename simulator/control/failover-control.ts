import { FAILOVER_TIMINGS, type FailoverTimings } from "../faults/failover.ts";
import { isObject } from "../question.ts";
import type { LogRecord } from "../request-log.ts";
import type { World } from "../world.ts";

/** Answers the control calls of failoverbench (methodology 0.1), in its own words. */
export function failoverControl(
  world: World,
  route: string,
  value: unknown,
): { readonly status: number; readonly body: unknown } | undefined {
  switch (route) {
    case "GET /control/health":
      return { status: 200, body: { ok: true } };
    case "POST /control/reset":
      world.reset();
      return { status: 200, body: { ok: true } };
    case "POST /control/config": {
      const profile = isObject(value) ? value["profile"] : undefined;
      if (profile !== "full" && profile !== "fast") {
        return { status: 400, body: { error: { message: '"profile" must be full or fast.' } } };
      }
      world.configure({ failoverTimings: profile });
      return { status: 200, body: { timing: timingOf(profile) } };
    }
    case "GET /control/log": {
      const log = world.log
        .read()
        .filter(({ model }) => model !== null)
        .map(toEntry);
      return { status: 200, body: { log, timing: timingOf(world.behaviour().failoverTimings) } };
    }
    default:
      return undefined;
  }
}

function timingOf(timings: FailoverTimings) {
  const { tokenMs, firstTokenMs, stallMs, silenceMs, outageMs } = FAILOVER_TIMINGS[timings];
  return {
    token_s: tokenMs / 1_000,
    ttft_s: firstTokenMs / 1_000,
    stall_s: stallMs / 1_000,
    silence_s: silenceMs / 1_000,
    flap_down_s: outageMs / 1_000,
  };
}

function toEntry({ atMs, model, attempt, status, fault, promptTokens }: LogRecord) {
  const what = fault === "no-prefill" ? "prefill refused" : (fault ?? "ok");
  return { t: atMs / 1_000, model, attempt, action: `${status ?? "none"} ${what}`, prompt_tokens: promptTokens };
}
