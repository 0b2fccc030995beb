import { type AuditTrail, type Database, json, MillraceError, number, text, textOrNull } from "millrace";
import type { RevisionView, SuggestionView } from "../api.ts";
import type { Backtest } from "../backtest/backtest.ts";
import type { Rule } from "../domain/rule.ts";
import { requireHome } from "../events/homes.ts";
import { toHabit } from "../patterns/habit.ts";
import { namedIn } from "../backtest/named-in.ts";
import { recording, REFINE } from "./record-decision.ts";
import type { RuleEdit } from "./rule-edit.ts";
import { refinedMeanwhile, requireSuggestion } from "./suggestion-store.ts";
import { factsOfHome, tryEdits } from "./try-edits.ts";
import { writeWords } from "./write-words.ts";

const KEEP_FIRST = `
  insert into home_suggestion_versions (suggestion, version, rule, sentence, title, made_by, made_at, wish, edits)
  select id, version, rule, sentence, title, null, created_at, null, '[]' from home_suggestions where id = :id and version = 1 and :version = 1
  on conflict (suggestion, version) do nothing`;

/** What stands in a home, or is on its way there, is taken back before it becomes something else. */
const REVISE = `
  update home_suggestions set status = 'refined', version = version + 1, rule = :rule, sentence = :sentence, title = :title,
    description = :description, rationale = :rationale, source = 'rules', model = 'rules', degraded = null,
    decided_at = null, decided_by = null, reason = null
  where id = :id and version = :version and status in ('draft', 'refined', 'approved', 'expired', 'rolled_back', 'removed')`;

const KEEP = `
  insert into home_suggestion_versions (suggestion, version, rule, sentence, title, made_by, made_at, wish, edits)
  select id, version, rule, sentence, title, :by, :now, :wish, :edits from home_suggestions where id = :id`;

const LIST = "select * from home_suggestion_versions where suggestion = :id order by version desc";

export interface ReviseParams {
  readonly db: Database;
  readonly audit: Pick<AuditTrail, "beside">;
  readonly id: string;
  /** The version that the edits were made for. */
  readonly version: number;
  readonly edits: readonly RuleEdit[];
  /** As it was asked for in words. */
  readonly wish?: string | undefined;
  readonly by: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Changes a suggestion's rule for good: it is `refined`, waits for an approval anew, and its words are made of the new rule. All versions are
 * kept. Throws NOT_FOUND, INPUT_INVALID, or SUGGESTION_STATE when somebody was faster or the state takes no change.
 */
export async function revise(params: ReviseParams): Promise<SuggestionView> {
  const { db, audit, id, version, edits, wish, by, now, signal } = params;
  const before = await requireSuggestion(db, id);
  if (before.version !== version) throw refinedMeanwhile(before);
  const { rule, sentence, difference, after } = await tryEdits({
    db,
    home: before.home,
    rule: before.rule,
    edits,
    signal,
  });
  if (difference.length === 0) throw changesNothing();
  const whole: Rule = { ...before.rule, ...rule };
  const { key } = await requireHome(db, before.home);
  const words = writeWords(toHabit(whole), await factsOfHome(db, key, namedIn(rule)));
  const record = {
    actor: by,
    action: REFINE,
    subject: `suggestion:${id}`,
    data: { version: version + 1, sentence: sentence.after, ...(wish === undefined ? {} : { wish }) },
  };
  const written = await recording(db, audit, record).write([
    { sql: KEEP_FIRST, params: { id, version } },
    {
      sql: REVISE,
      params: {
        id,
        version,
        rule: JSON.stringify(whole),
        sentence: sentence.after,
        title: words.title,
        description: sentence.after,
        rationale: rationaleOf(after),
      },
      atLeast: 1,
    },
    { sql: KEEP, params: { id, by, now, wish: wish ?? null, edits: JSON.stringify(edits) } },
  ]);
  const found = await requireSuggestion(db, id);
  if (written !== undefined) return found;
  if (found.version !== version) throw refinedMeanwhile(found);
  throw new MillraceError("SUGGESTION_STATE", `The suggestion is ${found.status} and cannot be refined.`, {
    facts: { id, status: found.status, asked: "refined" },
    advice: "What stands in the home is rolled back first; what was rejected or retired stays so.",
  });
}

/** Every version of a suggestion, youngest first; one that was never refined has none but itself. */
export async function listRevisions(db: Database, id: string): Promise<readonly RevisionView[]> {
  return (await db.all(LIST, { id })).map((row) => ({
    version: number(row, "version"),
    sentence: text(row, "sentence"),
    title: text(row, "title"),
    madeBy: textOrNull(row, "made_by"),
    madeAt: new Date(number(row, "made_at")).toISOString(),
    wish: textOrNull(row, "wish"),
    edits: json<readonly RuleEdit[]>(row, "edits"),
  }));
}

function rationaleOf({ days, fired, matched, wrong, noOp }: Backtest): string {
  if (fired === 0) return `In the ${days} days on record it would never have acted.`;
  return `In the ${days} days on record it would have acted ${times(fired)}: ${times(matched)} as people did, ${times(noOp)} when it was so already, ${times(wrong)} when nobody did.`;
}

function times(count: number): string {
  return count === 1 ? "once" : count === 0 ? "never" : `${count} times`;
}

function changesNothing(): MillraceError {
  return new MillraceError("INPUT_INVALID", "The edits change nothing.", {
    facts: { errors: [{ pointer: "#/edits", detail: "must change the rule" }] },
    isRetryable: false,
  });
}
