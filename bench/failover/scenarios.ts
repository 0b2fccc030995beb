import type { LogRecord } from "millrace/simulator";

/** What a client was left with. `truncated`: a part of an answer that passes for a whole one. */
export type Outcome =
  | {
      readonly kind: "answer";
      readonly text: string;
      readonly model: string;
      readonly hasUsage: boolean;
      readonly ms: number;
    }
  | { readonly kind: "error"; readonly message: string; readonly ms: number }
  | { readonly kind: "truncated"; readonly text: string; readonly ms: number };

/** Asks a model of the simulator and reads the answer to its end. It never rejects. */
export type Ask = (model: string) => Promise<Outcome>;

/**
 * How well a fault was met: `pass`, the whole answer and clean conduct; `partial`, rescued with a lesser fault; `safe`, not rescued but a clean
 * error in bounded time; `fail`, anything else.
 */
export type Verdict = "pass" | "partial" | "safe" | "fail";

export interface Scenario {
  readonly id: string;
  /** What goes wrong. */
  readonly fault: string;
  readonly model: string;
  readonly fallback: string;
  /** Longest that all of it may take, in milliseconds, as failoverbench's fast timings have it. */
  readonly limitMs: number;
  /** What must hold of the requests to the model that fails. */
  readonly isClean?: (attempts: readonly LogRecord[]) => boolean;
  /** What should hold beside. */
  readonly isGood?: (outcome: Outcome, attempts: readonly LogRecord[]) => boolean;
  /** The right end is a clean error that tells the reason. */
  readonly endsIn?: RegExp;
  /** What no error may say. */
  readonly neverSays?: RegExp;
}

const within = (attempts: readonly LogRecord[], ms: number): number =>
  attempts.filter(({ atMs }) => atMs - (attempts[0]?.atMs ?? 0) < ms).length;
const gapMs = ([first, second]: readonly LogRecord[]): number => (second?.atMs ?? 0) - (first?.atMs ?? 0);
const answers = { fallback: "fb-ok", limitMs: 20_000 };

/**
 * The sixteen faults of failoverbench (failoverbench/failoverbench, scenarios/catalogue.yaml, methodology 0.1), restated: which model
 * of the simulator has it, and what is asked of whoever stands before it.
 */
export const SCENARIOS: readonly Scenario[] = [
  {
    ...answers,
    id: "S01",
    fault: "429 that says when to come back, once",
    model: "fb-s01-429-retry-after",
    isClean: (attempts) => within(attempts, 1_500) <= 2,
    isGood: (_outcome, attempts) => attempts.length === 2 && gapMs(attempts) >= 1_800,
  },
  {
    ...answers,
    id: "S02",
    fault: "429 for ever",
    model: "fb-s02-429-persistent",
    isClean: (attempts) => within(attempts, 3_000) <= 4 && attempts.length <= 6,
  },
  {
    ...answers,
    id: "S03",
    fault: "500 once",
    model: "fb-s03-500-then-200",
    isGood: (_outcome, attempts) => attempts.length === 2,
  },
  {
    ...answers,
    id: "S04",
    fault: "503 for ever",
    model: "fb-s04-503-persistent",
    isClean: ({ length }) => length <= 6,
  },
  { ...answers, id: "S05", fault: "a reset before the headers, once", model: "fb-s05-reset" },
  {
    ...answers,
    id: "S06",
    fault: "no response",
    model: "fb-s06-no-response",
    isGood: (_outcome, attempts) => attempts.length === 1,
  },
  {
    ...answers,
    id: "S07",
    fault: "headers, and a first token that takes long",
    model: "fb-s07-slow-ttft",
    // As 15 s are to the 20 s of the full timings, so is this to the fast ones.
    isGood: ({ ms }) => ms <= 2_900,
  },
  { ...answers, id: "S08", fault: "a stream that is cut", model: "fb-s08-stream-cut" },
  { ...answers, id: "S09", fault: "a stream that stalls", model: "fb-s09-stream-stall" },
  { ...answers, id: "S10", fault: "an event that is no JSON", model: "fb-s10-malformed-chunk" },
  {
    ...answers,
    id: "S11",
    fault: "no [DONE]",
    model: "fb-s11-no-done",
    limitMs: 8_000,
    isGood: (outcome) => outcome.kind === "answer" && outcome.hasUsage,
  },
  {
    ...answers,
    id: "S12",
    fault: "400, the prompt is too long",
    model: "fb-s12-context-length",
    isClean: ({ length }) => length === 1,
  },
  {
    ...answers,
    id: "S13",
    fault: "400, the content is refused",
    model: "fb-s13-content-filter",
    isClean: ({ length }) => length === 1,
    endsIn: /refused|content/i,
  },
  {
    ...answers,
    id: "S14",
    fault: "a cut stream, and a stand-in that takes no prefill",
    model: "fb-s14-stream-cut",
    fallback: "fb-ok-noprefill",
    neverSays: /prefill/i,
  },
  {
    ...answers,
    id: "S16",
    fault: "503 for ever, and who answered is told",
    model: "fb-s16-503-persistent",
    isClean: ({ length }) => length <= 6,
    isGood: (outcome) => outcome.kind === "answer" && outcome.model.endsWith("fb-ok") && outcome.hasUsage,
  },
];

/** S15: an outage that ends. Its requests come one after another, so it is judged by itself. */
export const FLAP = {
  id: "S15",
  model: "fb-s15-flap",
  fallback: "fb-ok",
  requests: 20,
  everyMs: 400,
  backWithinMs: 3_000,
};

/** As the failover tests' fast timings have the outage. */
const OUTAGE_MS = 6_000;

/** Models and their stand-ins, as the configuration's `calls.fallback` has them. */
export function fallbacksFor(provider: string): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    [...SCENARIOS, FLAP].map(({ model, fallback }) => [`${provider}/${model}`, [`${provider}/${fallback}`]]),
  );
}

export interface Judged {
  readonly id: string;
  readonly verdict: Verdict;
  /** What was seen. */
  readonly why: string;
}

export interface JudgeOptions {
  readonly ask: Ask;
  /** The simulator's log. */
  readonly log: () => readonly LogRecord[] | Promise<readonly LogRecord[]>;
  /** The whole answer: half of it must not pass for it. */
  readonly answer: string;
}

/** Meets one fault and judges how. */
export async function meet(scenario: Scenario, { ask, log, answer }: JudgeOptions): Promise<Judged> {
  const outcome = await ask(scenario.model);
  const after = await ask("fb-ok");
  const attempts = (await log()).filter(({ model }) => model === scenario.model);
  const { id, limitMs, isClean, isGood, endsIn, neverSays } = scenario;
  const why = `${outcome.kind} after ${Math.round(outcome.ms)} ms and ${attempts.length} attempts${outcome.kind === "error" ? `: ${outcome.message}` : ""}`;
  const verdict = (): Verdict => {
    if (outcome.kind === "truncated" || outcome.ms > limitMs || after.kind !== "answer") return "fail";
    if (outcome.kind === "answer" && outcome.text !== answer) return "fail";
    if (isClean?.(attempts) === false) return "fail";
    if (outcome.kind === "error") {
      if (neverSays?.test(outcome.message) === true) return "fail";
      if (endsIn === undefined) return "safe";
      return endsIn.test(outcome.message) ? "pass" : "safe";
    }
    if (endsIn !== undefined) return "partial";
    return isGood?.(outcome, attempts) === false ? "partial" : "pass";
  };
  return { id, verdict: verdict(), why };
}

export interface FlapOptions extends JudgeOptions {
  /** Waits for so many milliseconds. */
  readonly wait: (ms: number) => Promise<unknown>;
}

/** Goes through the outage, which begins with the simulator. */
export async function meetFlap({ ask, log, answer, wait }: FlapOptions): Promise<Judged> {
  const outcomes: Promise<Outcome>[] = [];
  for (let sent = 0; sent < FLAP.requests; sent++) {
    outcomes.push(ask(FLAP.model));
    await wait(FLAP.everyMs);
  }
  const ended = await Promise.all(outcomes);
  const attempts = (await log()).filter(({ model }) => model === FLAP.model);
  const during = attempts.filter(({ atMs }) => atMs < OUTAGE_MS).length;
  const back = attempts.find(({ atMs, status }) => atMs >= OUTAGE_MS && status === 200);
  const isServed = ended.every((outcome) => outcome.kind === "answer" && outcome.text === answer);
  const isBack = back !== undefined && back.atMs - OUTAGE_MS <= FLAP.backWithinMs;
  const why = `${ended.filter(({ kind }) => kind === "answer").length} of ${FLAP.requests} served, ${during} attempts in the outage, back after ${back === undefined ? "never" : `${back.atMs - OUTAGE_MS} ms`}`;
  return { id: FLAP.id, verdict: isServed && isBack ? "pass" : isServed ? "partial" : "fail", why };
}
