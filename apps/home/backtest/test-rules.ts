import { setImmediate as nextTurn } from "node:timers/promises";
import { type Database, numberOrNull } from "millrace";
import { placeOfZone } from "../domain/zone-places.ts";
import { placeOf } from "../home-assistant/link.ts";
import { requireHome } from "../events/homes.ts";
import { backtest, type Backtest, type RuleCore } from "./backtest.ts";
import { inOrder } from "./in-order.ts";
import { loadEntities } from "./load-entities.ts";
import { namedIn } from "./named-in.ts";

const SPAN = `
  select (select min(at) from home_events where home = :home) as first_at, (select max(at) from home_events where home = :home) as last_at`;

/** So many changes are tried in some 10 ms a rule, which is less than a thread takes to start. */
const MOST_HERE = 3_000;

export interface TestRulesParams {
  readonly db: Database;
  /** The home's name. */
  readonly home: string;
  /** All are tried on one reading of the history. */
  readonly rules: readonly RuleCore[];
  readonly signal?: AbortSignal | undefined;
}

/** Tries rules on a home's stored history, a long one on a thread of its own. Throws NOT_FOUND for a home that is not known. */
export async function testRules({ db, home, rules, signal }: TestRulesParams): Promise<readonly Backtest[]> {
  const { key, timezone } = await requireHome(db, home);
  const entityIds = rules.flatMap(namedIn);
  const [series, span, place = placeOfZone(timezone)] = await Promise.all([
    loadEntities({ db, home: key, entityIds, signal }),
    db.get(SPAN, { home: key }),
    placeOf(db, home),
  ]);
  const firstAt = span === undefined ? 0 : (numberOrNull(span, "first_at") ?? 0);
  const lastAt = span === undefined ? 0 : (numberOrNull(span, "last_at") ?? 0);
  const options = { zone: timezone, place, firstAt, lastAt };
  if (series.at.length > MOST_HERE) {
    const { backtestOffThread } = await import("./backtest-off-thread.ts");
    return await backtestOffThread({ series, rules, options }, signal);
  }
  const ordered = inOrder(series);
  const tested: Backtest[] = [];
  for (const rule of rules) {
    tested.push(backtest(ordered, rule, options));
    await nextTurn();
  }
  return tested;
}
