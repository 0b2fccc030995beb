import type { Clock } from "../core/clock.ts";
import { type FailureKind, ModelFailure } from "../model/failure.ts";
import { startDeadline } from "../resilience/deadline.ts";
import { UNKNOWN_TOKENS } from "../model/usage.ts";
import { outOfTime } from "./ask-provider.ts";
import { estimateText } from "./estimate.ts";
import { canBePacked, headOf, ownText, packQuestion, readPacked } from "./packed-question.ts";
import type { Ask, CallContext, Question, Reply, Stage } from "./pipeline.ts";
import { shareOut } from "./share-out.ts";
import { createTally, type Spent, spentOf } from "./tally.ts";

/** Longest answer of one request, in tokens: as much as the common models of both providers write. */
const MOST_OUTPUT_TOKENS = 16_000;
/** Longest questions of one request, in estimated tokens, what they share not counted: beyond that there is little to save. */
const MOST_INPUT_TOKENS = 32_000;
/** How long questions of one kind are asked one by one after packing them did not work, in milliseconds. */
const APART_MS = 600_000;
const MOST_KINDS_APART = 1_000;

/** Failures that speak of what was asked: a smaller question may fare better. All others would meet each single one, too. */
const OF_THE_REQUEST: ReadonlySet<FailureKind> = new Set([
  "bad-request",
  "prompt-too-long",
  "too-large",
  "refused",
  "cut",
  "unusable",
]);

const UNKNOWN = spentOf(UNKNOWN_TOKENS, null);

type ObjectQuestion = Question & Required<Pick<Question, "object" | "pack">>;

interface Member {
  readonly question: ObjectQuestion;
  readonly context: CallContext;
  readonly tokens: number;
  /** Undefined: it is to be asked alone. */
  readonly outcome: PromiseWithResolvers<Reply | undefined>;
  hasLeft: boolean;
}

interface Pack {
  readonly kind: string;
  readonly ask: Ask;
  readonly members: Member[];
  /** Ends the waiting for more members. */
  readonly window: AbortController;
  /** Fires when nobody waits for the answer any longer. */
  readonly left: AbortController;
  isSent: boolean;
}

/**
 * Sends questions that opted in and are asked at the same time as one request, under a schema with an item for each: those of one tenant
 * and automation which share model, system prompt, history, schema and settings. Each gets its own item and its share of what it cost; one whose
 * item is missing or does not fit is asked alone, and so are all where the request as such was the trouble. One who stops waiting stops for
 * himself alone.
 */
export function packQuestions({ clock }: { readonly clock: Clock }): Stage {
  const open = new Map<string, Pack>();
  /** Kinds that are asked one by one, and until when. */
  const apart = new Map<string, number>();

  function isApart(kind: string): boolean {
    const until = apart.get(kind);
    if (until === undefined || until > clock.monotonic()) return until !== undefined;
    apart.delete(kind);
    return false;
  }

  function keepApart(kind: string): void {
    const oldest = apart.size < MOST_KINDS_APART ? undefined : apart.keys().next().value;
    if (oldest !== undefined) apart.delete(oldest);
    apart.set(kind, clock.monotonic() + APART_MS);
  }

  function join(ask: Ask, kind: string, member: Member): Pack {
    const { most, waitMs } = member.question.pack;
    let pack = open.get(kind);
    if (pack !== undefined && !hasRoom(pack, member)) {
      flush(pack);
      pack = undefined;
    }
    pack ??= openPack(ask, kind, waitMs);
    pack.members.push(member);
    if (pack.members.length >= most) flush(pack);
    return pack;
  }

  function openPack(ask: Ask, kind: string, waitMs: number): Pack {
    const pack: Pack = {
      kind,
      ask,
      members: [],
      window: new AbortController(),
      left: new AbortController(),
      isSent: false,
    };
    open.set(kind, pack);
    // Somebody waits for this, so it keeps the process alive, as a timer by `after` would not.
    void clock.sleep(waitMs, pack.window.signal).then(
      () => flush(pack),
      () => undefined,
    );
    return pack;
  }

  function flush(pack: Pack): void {
    pack.isSent = true;
    pack.window.abort();
    if (open.get(pack.kind) === pack) open.delete(pack.kind);
    const [first, ...others] = pack.members;
    if (first === undefined) return;
    if (others.length === 0) first.outcome.resolve(undefined);
    else void send(pack, [first, ...others]);
  }

  /** Never rejects: each member hears for itself. */
  async function send({ kind, ask, left }: Pack, members: readonly [Member, ...Member[]]): Promise<void> {
    const bill = createTally();
    const weigh = (items: readonly (string | undefined)[]): void => {
      const weights = members.map(({ tokens }, index) => ({ input: tokens, output: items[index]?.length ?? 0 }));
      for (const [index, spent] of shareOut(bill.take(), weights).entries()) charge(members[index], spent);
    };
    const [{ question, context }, ...others] = members;
    const ms = Math.max(1, ...members.map((member) => member.context.deadline.leftMs()));
    using deadline = startDeadline({ clock, ms, signals: [left.signal] });
    try {
      const asked = packQuestion([question, ...others.map((member) => member.question)]);
      const reply = await ask(asked, { ...context, deadline, tally: bill });
      const items = readPacked(reply.text, members.length);
      weigh(items);
      const fitting = await Promise.all(members.map((member, index) => hand(member, reply, items[index])));
      if (fitting.filter(Boolean).length * 2 < members.length) keepApart(kind);
    } catch (error) {
      weigh([]);
      const isOfRequest = error instanceof ModelFailure && OF_THE_REQUEST.has(error.kind);
      if (isOfRequest) keepApart(kind);
      // Whoever was joined by one with more time may still be answered alone.
      const isLate = deadline.isOver();
      for (const { outcome, context } of members) {
        if (isOfRequest || (isLate && context.deadline.leftMs() > 0)) outcome.resolve(undefined);
        else outcome.reject(isLate ? outOfTime() : error);
      }
    }
  }

  /** Who leaves while the request is under way owes a share that nobody knows yet; it is told when it is. */
  function leave(pack: Pack, member: Member, reason: unknown): void {
    member.hasLeft = true;
    member.outcome.reject(member.context.deadline.isOver() ? outOfTime() : reason);
    if (pack.isSent) {
      member.context.tally.add(UNKNOWN);
      if (pack.members.every(({ hasLeft }) => hasLeft)) pack.left.abort(reason);
      return;
    }
    pack.members.splice(pack.members.indexOf(member), 1);
    if (pack.members.length === 0) flush(pack);
  }

  /** Waits for a member's part, no longer than it has time. */
  async function partOf(member: Member, pack: Pack): Promise<Reply | undefined> {
    const { signal } = member.context.deadline;
    const onAbort = (): void => leave(pack, member, signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      return await member.outcome.promise;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  return (next) => async (question, context) => {
    const member = toMember(question, context);
    if (member === undefined) return await next(question, context);
    const kind = kindOf(member);
    if (isApart(kind)) return await next(question, context);
    context.deadline.signal.throwIfAborted();
    return (await partOf(member, join(next, kind, member))) ?? (await next(question, context));
  };
}

/** Undefined: it is asked alone, since it did not opt in, is too long, or has too little time to wait for others. */
function toMember(question: Question, context: CallContext): Member | undefined {
  const { pack, object, maxOutputTokens } = question;
  const text = ownText(question);
  if (pack === undefined || object === undefined || text === undefined) return undefined;
  const tokens = estimateText(text);
  const isSmall = maxOutputTokens * 2 <= MOST_OUTPUT_TOKENS && tokens * 2 <= MOST_INPUT_TOKENS;
  if (!isSmall || !canBePacked(object.wire) || context.deadline.leftMs() <= 2 * pack.waitMs) return undefined;
  const outcome = Promise.withResolvers<Reply | undefined>();
  outcome.promise.catch(() => undefined);
  return { question: { ...question, pack, object }, context, tokens, outcome, hasLeft: false };
}

/** Names those who may go together. */
function kindOf({ question, context: { automation } }: Member): string {
  const { model, alias, tenant, priority, maxOutputTokens, object, pack, similar } = question;
  const settings = [priority, maxOutputTokens, object.name, object.wire, pack];
  return JSON.stringify([model.name, alias, tenant, automation, similar?.reuse.user, settings, headOf(question)]);
}

function hasRoom({ members }: Pack, { tokens, question }: Member): boolean {
  const input = members.reduce((sum, member) => sum + member.tokens, tokens);
  const output = (members.length + 1) * question.maxOutputTokens;
  return input <= MOST_INPUT_TOKENS && output <= MOST_OUTPUT_TOKENS;
}

/** Gives a member its own item, if that fits. */
async function hand({ question, outcome }: Member, reply: Reply, item: string | undefined): Promise<boolean> {
  try {
    const judged = item === undefined ? undefined : await question.object.judge(item);
    outcome.resolve(judged?.ok === true ? { ...reply, text: judged.json } : undefined);
    return judged?.ok === true;
  } catch (error) {
    outcome.reject(error);
    return false;
  }
}

function charge(member: Member | undefined, spent: Spent): void {
  if (member?.hasLeft === true) member.context.report(member.question, spent);
  else member?.context.tally.add(spent);
}
