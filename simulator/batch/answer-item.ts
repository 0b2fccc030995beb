import { promptTokens, type Usage } from "../account/usage.ts";
import { complete, nameOf } from "../answer/complete.ts";
import { misbehaviourOf } from "../faults/misbehave.ts";
import type { Dialect, ErrorReply } from "../lane.ts";
import type { World } from "../world.ts";

/** What came of one item. */
export type ItemResult =
  | { readonly ok: true; readonly body: unknown; readonly usage: Usage }
  | { readonly ok: false; readonly reply: ErrorReply };

export interface ItemOptions {
  readonly world: World;
  readonly dialect: Dialect;
  readonly organization: string;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
  readonly requestId: string;
}

/** Answers an item of a batch at half the price. No limit applies; of the faults, only those of rules that name the route `batch`. */
export function answerItem({ world, dialect, organization, body, headers, requestId }: ItemOptions): ItemResult {
  const { lane } = dialect;
  const parsed = dialect.parse(body, headers);
  if (!parsed.ok) return { ok: false, reply: lane.error({ kind: "bad-request", mistake: parsed }, requestId) };
  const question = { ...parsed.question, serviceTier: "batch", isStreamed: false } as const;
  const { model } = question;
  const name = nameOf(question);
  const repeat = world.stats.asked(model, name);
  const spec = world.faults().nextItem({ model, route: "batch", name, repeat, atMs: world.elapsedMs() });
  const complaint = spec === undefined ? undefined : misbehaviourOf(spec.fault, model);
  if (spec !== undefined) world.stats.failed(spec.fault);
  if (complaint !== undefined) return { ok: false, reply: lane.error(complaint, requestId) };
  const now = world.clock.now();
  const cached = world.promptCache.find(question.prompt, `${organization} ${model}`, now);
  if (cached.promptTokens > world.contextWindow) {
    return { ok: false, reply: lane.error({ kind: "context-length", model }, requestId) };
  }
  const completion = complete(question, {
    seed: world.seed,
    repeat,
    fault: spec?.fault,
    failoverAnswer: world.behaviour().failoverAnswer,
    roomTokens: world.contextWindow - cached.promptTokens,
  });
  cached.commit(now);
  const usage = cached.usage(completion);
  world.ledger.charge({ organization, model, tier: "batch", usage, outcome: "whole" });
  world.stats.answered(promptTokens(usage), usage.outputTokens);
  return { ok: true, body: dialect.reply({ question, completion, usage, createdAt: now }), usage };
}
