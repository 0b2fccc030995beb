import type { ObserveDatabase } from "../database.ts";
import { LONGEST_WINDOW_MS, type TallyAt } from "../objectives/evaluate.ts";
import type { Tally } from "../objectives/objective.ts";
import { type Span, SPAN_MS, type SpanData, type SpanKind } from "./span.ts";

/** How long spans are kept, in milliseconds: minutes two days, hours 35. */
export const SPANS_KEPT_MS: Readonly<Record<SpanKind, number>> = {
  minute: 2 * 86_400_000,
  hour: 35 * 86_400_000,
};

const PUT = `
  insert into metrics (span, at, process, data, objectives) values (:span, :at, :process, :data, :objectives)
  on conflict (span, at, process) do update set data = excluded.data, objectives = excluded.objectives`;
const LIST = "select at, data from metrics where span = :span and at >= :from order by at";
const TALLIES = "select at, objectives from metrics where span = :span and at >= :from and at < :to";
const FORGET = "delete from metrics where span = :span and at < :before";

/** Up to so long ago objectives are judged by the minute. */
const BY_MINUTE_MS = 6 * SPAN_MS.hour;

/** Keeps what was counted in the database, for all processes. */
export interface SpanStore {
  put(spans: readonly Span[]): Promise<void>;
  /** Those that began since then, oldest first; of several processes one after the other. */
  list(kind: SpanKind, from: number): Promise<readonly { readonly at: number; readonly data: SpanData }[]>;
  /** What objectives look at. */
  tallies(now: number): Promise<readonly TallyAt[]>;
  forget(now: number): Promise<void>;
}

/** @param process An id of this process, which no other one has. */
export function createSpanStore(db: ObserveDatabase, process: string): SpanStore {
  async function talliesOf(span: SpanKind, from: number, to: number): Promise<TallyAt[]> {
    const rows = await db.all(TALLIES, { span, from, to });
    return rows.map((row) => ({
      at: Number(row["at"]) + SPAN_MS[span],
      tallies: JSON.parse(String(row["objectives"])) as Readonly<Record<string, Tally>>,
    }));
  }

  return {
    async put(spans) {
      await db.write(
        spans.map(({ kind, at, data, objectives }) => ({
          sql: PUT,
          params: { span: kind, at, process, data: JSON.stringify(data), objectives: JSON.stringify(objectives) },
        })),
      );
    },
    async list(span, from) {
      const rows = await db.all(LIST, { span, from });
      return rows.map((row) => ({ at: Number(row["at"]), data: JSON.parse(String(row["data"])) as SpanData }));
    },
    async tallies(now) {
      // Whole hours before, whole minutes since.
      const turn = Math.floor((now - BY_MINUTE_MS) / SPAN_MS.hour) * SPAN_MS.hour;
      const [hours, minutes] = await Promise.all([
        talliesOf("hour", now - LONGEST_WINDOW_MS, turn),
        talliesOf("minute", turn, Number.MAX_SAFE_INTEGER),
      ]);
      return [...hours, ...minutes];
    },
    async forget(now) {
      await db.write(
        (["minute", "hour"] as const).map((span) => ({
          sql: FORGET,
          params: { span, before: now - SPANS_KEPT_MS[span] },
        })),
      );
    },
  };
}
