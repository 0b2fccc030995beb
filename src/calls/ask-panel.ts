import type { Clock } from "../core/clock.ts";
import { MillraceError, toErrorRecord } from "../core/errors.ts";
import { startDeadline } from "../resilience/deadline.ts";
import { check, checkTime } from "./check-call.ts";
import type { Answer, PanelAnswer, PanelMember, PanelOptions, PanelOutcome, TextOptions } from "./ai.ts";

export interface AskPanelParams {
  readonly clock: Clock;
  readonly text: (options: TextOptions) => Promise<Answer<string>>;
  /** The most that a question may cost, in US dollars; 0 where its price is not known. */
  readonly estimateUsd: (options: TextOptions) => Promise<number>;
}

/** Asks all members at once; each ends for himself. */
export async function askPanel(
  options: PanelOptions,
  { clock, text, estimateUsd }: AskPanelParams,
): Promise<PanelAnswer> {
  const { members, deadlineMs = 60_000, maxUsd = Infinity, quorum = members.length, signal } = options;
  requirePanel(options, quorum);
  const startedAt = clock.monotonic();
  const enough = new AbortController();
  using deadline = startDeadline({
    clock,
    ms: deadlineMs,
    signals: [enough.signal, ...(signal === undefined ? [] : [signal])],
  });
  let left = maxUsd;
  let answered = 0;

  async function ask(member: PanelMember): Promise<PanelOutcome> {
    const { name } = member;
    const question = toQuestion(member, options, { signal: deadline.signal, timeoutMs: deadlineMs });
    try {
      if (maxUsd !== Infinity) {
        const most = await estimateUsd(question);
        if (most > left) return { name, status: "skipped", reason: "money" };
        left -= most;
      }
      const answer = await text(question);
      if (++answered >= quorum) enough.abort(new DOMException("enough have answered", "AbortError"));
      return { name, status: "answered", answer };
    } catch (error) {
      if (signal?.aborted === true)
        throw new MillraceError("CALL_ABORTED", "The panel was aborted.", { cause: signal.reason });
      if (deadline.isOver()) return { name, status: "late" };
      if (enough.signal.aborted) return { name, status: "skipped", reason: "quorum" };
      return { name, status: "failed", error: toErrorRecord(error) };
    }
  }

  const outcomes = await Promise.all(members.map(ask));
  const isPriceKnown = outcomes.every(
    ({ status }) => status === "answered" || (status === "skipped" && !enough.signal.aborted),
  );
  const usds = outcomes.map((outcome) => (outcome.status === "answered" ? outcome.answer.usd : 0));
  return {
    members: outcomes,
    answered,
    isComplete: answered >= quorum,
    usd: isPriceKnown ? usds.reduce((sum, usd) => (sum === null || usd === null ? null : sum + usd), 0) : null,
    ms: Math.round(clock.monotonic() - startedAt),
  };
}

function requirePanel({ members, deadlineMs = 1, maxUsd = Infinity }: PanelOptions, quorum: number): void {
  checkTime("deadlineMs", deadlineMs);
  check("maxUsd", maxUsd, maxUsd >= 0, "a number from 0");
  const names = new Set(members.map(({ name }) => name));
  if (members.length === 0 || names.size < members.length) {
    throw new MillraceError("INPUT_INVALID", "A panel needs members, each with a name of its own.", {
      facts: { members: members.map(({ name }) => name) },
    });
  }
  if (!(Number.isInteger(quorum) && quorum >= 1 && quorum <= members.length)) {
    throw new MillraceError("INPUT_INVALID", `quorum must be from 1 to ${members.length}, got ${quorum}.`);
  }
}

function toQuestion(
  { name: _name, ...own }: PanelMember,
  options: PanelOptions,
  ending: { readonly signal: AbortSignal; readonly timeoutMs: number },
): TextOptions {
  const { members: _members, deadlineMs: _deadline, maxUsd: _maxUsd, quorum: _quorum, ...shared } = options;
  return { ...shared, ...own, ...ending };
}
