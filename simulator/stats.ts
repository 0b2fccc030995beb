/** What the simulator was asked. Counts are since the start or the last reset. */
export interface SimulatorStats {
  /** Requests to models, counted when they arrive. */
  readonly requests: number;
  /** By method and path, the other routes included. */
  readonly byRoute: Readonly<Record<string, number>>;
  readonly byModel: Readonly<Record<string, number>>;
  /** By status; `none` where the connection ended without one. */
  readonly byStatus: Readonly<Record<string, number>>;
  readonly faults: Readonly<Record<string, number>>;
  readonly inFlight: number;
  readonly maxInFlight: number;
  /** Sockets that were opened; fewer than requests when connections are reused. */
  readonly connections: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Distinct questions, and how often one was asked again; exact for up to 10 000 distinct ones. */
  readonly perPrompt: { readonly distinct: number; readonly repeats: number };
}

/** Counts. All of it is bounded: names beyond the hundredth are counted as `other`, questions beyond the limit forget the oldest. */
export interface StatsRecorder {
  connected(): void;
  arrived(route: string, isModelRequest: boolean): void;
  /** A request to a model was read. Returns how often this question was asked before. */
  asked(model: string, question: string): number;
  failed(fault: string): void;
  answered(promptTokens: number, completionTokens: number): void;
  ended(status: number | undefined, isModelRequest: boolean): void;
  read(): SimulatorStats;
  reset(): void;
}

const MOST_NAMES = 100;
const MOST_QUESTIONS = 10_000;

export function createStats(): StatsRecorder {
  let counters = zero();
  // Outlive a reset: they describe what is open now.
  let inFlight = 0;

  return {
    connected() {
      counters.connections += 1;
    },
    arrived(route, isModelRequest) {
      count(counters.byRoute, route);
      if (!isModelRequest) return;
      counters.requests += 1;
      inFlight += 1;
      counters.maxInFlight = Math.max(counters.maxInFlight, inFlight);
    },
    asked(model, question) {
      count(counters.byModel, model);
      const before = counters.questions.get(question) ?? 0;
      if (before === 0) counters.distinct += 1;
      else counters.repeats += 1;
      counters.questions.delete(question);
      counters.questions.set(question, before + 1);
      if (counters.questions.size > MOST_QUESTIONS) forgetOldest(counters.questions);
      return before;
    },
    failed(fault) {
      count(counters.faults, fault);
    },
    answered(promptTokens, completionTokens) {
      counters.promptTokens += promptTokens;
      counters.completionTokens += completionTokens;
    },
    ended(status, isModelRequest) {
      count(counters.byStatus, status === undefined ? "none" : String(status));
      if (isModelRequest) inFlight -= 1;
    },
    read() {
      const { byRoute, byModel, byStatus, faults, questions: _questions, distinct, repeats, ...numbers } = counters;
      return {
        ...numbers,
        inFlight,
        byRoute: Object.fromEntries(byRoute),
        byModel: Object.fromEntries(byModel),
        byStatus: Object.fromEntries(byStatus),
        faults: Object.fromEntries(faults),
        perPrompt: { distinct, repeats },
      };
    },
    reset() {
      counters = { ...zero(), maxInFlight: inFlight };
    },
  };
}

function zero() {
  return {
    requests: 0,
    maxInFlight: 0,
    connections: 0,
    promptTokens: 0,
    completionTokens: 0,
    distinct: 0,
    repeats: 0,
    byRoute: new Map<string, number>(),
    byModel: new Map<string, number>(),
    byStatus: new Map<string, number>(),
    faults: new Map<string, number>(),
    questions: new Map<string, number>(),
  };
}

function count(names: Map<string, number>, name: string): void {
  const key = names.has(name) || names.size < MOST_NAMES ? name : "other";
  names.set(key, (names.get(key) ?? 0) + 1);
}

function forgetOldest(questions: Map<string, number>): void {
  for (const oldest of questions.keys()) {
    questions.delete(oldest);
    return;
  }
}
