/** One request to a provider's route, as it went. */
export interface LogRecord {
  readonly sequence: number;
  /** Milliseconds since the start or the last reset. */
  readonly atMs: number;
  readonly method: string;
  readonly path: string;
  readonly requestId: string;
  model: string | null;
  /** Which of the requests to this model it is, counted from 1. */
  attempt: number;
  /** What the client's own retry header says. */
  readonly clientRetry: number | null;
  fault: string | null;
  /** Null while there is none. */
  status: number | null;
  outcome: "under way" | "finished" | "left" | "cut";
  promptTokens: number | null;
  outputTokens: number | null;
  /** Milliseconds since the start or the last reset; null while it is under way. */
  endedAtMs: number | null;
}

/** The latest requests, oldest first; at most 5,000 are kept. */
export interface RequestLog {
  begin(fields: Pick<LogRecord, "atMs" | "method" | "path" | "requestId" | "clientRetry">): LogRecord;
  /** Says which model a request is for. */
  name(record: LogRecord, model: string): void;
  read(): readonly LogRecord[];
  reset(): void;
}

const MOST_RECORDS = 5_000;
const MOST_MODELS = 1_000;

export function createRequestLog(): RequestLog {
  let records: LogRecord[] = [];
  let sequence = 0;
  const attempts = new Map<string, number>();

  return {
    begin(fields) {
      const record: LogRecord = {
        ...fields,
        sequence: (sequence += 1),
        model: null,
        attempt: 1,
        fault: null,
        status: null,
        outcome: "under way",
        promptTokens: null,
        outputTokens: null,
        endedAtMs: null,
      };
      records.push(record);
      if (records.length >= MOST_RECORDS * 2) records = records.slice(-MOST_RECORDS);
      return record;
    },
    name(record, model) {
      record.model = model;
      record.attempt = (attempts.get(model) ?? 0) + 1;
      if (attempts.has(model) || attempts.size < MOST_MODELS) attempts.set(model, record.attempt);
    },
    read: () => structuredClone(records.slice(-MOST_RECORDS)),
    reset() {
      records = [];
      sequence = 0;
      attempts.clear();
    },
  };
}
