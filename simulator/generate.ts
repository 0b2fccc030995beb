import { countPrompt } from "./account/prompt-cache.ts";
import { promptTokens } from "./account/usage.ts";
import { complete, nameOf } from "./answer/complete.ts";
import type { Completion } from "./answer/completion.ts";
import { chanceOf, drawLatencyMs } from "./chance.ts";
import { deliver } from "./deliver.ts";
import { type Exchange, refuse } from "./exchange.ts";
import { isFailoverModel } from "./faults/failover.ts";
import type { FaultSpec } from "./faults/fault.ts";
import { misbehave } from "./faults/misbehave.ts";
import { admit, book, endWith, type Generation, rateHeaders, SLOW_MS, tokenMs } from "./generation.ts";
import { BODY_LIMITS, parseJson, readBody } from "./http/read-body.ts";
import type { Dialect } from "./lane.ts";
import type { Question } from "./question.ts";

/** A header that asks for a fault: `x-simulator-fault: stall; after-tokens=20; delay-ms=1000`. */
const WISH_HEADER = "x-simulator-fault";

/** Answers a question put to a model, or lets it go wrong. */
export async function generate(exchange: Exchange, dialect: Dialect): Promise<void> {
  const { world, request } = exchange;
  const body = await readBody(request, BODY_LIMITS.question);
  if (body === "too large") {
    refuse(exchange, { kind: "too-large", what: "Request exceeds the maximum size" });
    return;
  }
  const value = parseJson(body);
  const parsed = dialect.parse(value, request.headers);
  if (!parsed.ok) {
    refuse(exchange, { kind: "bad-request", mistake: parsed });
    return;
  }
  const { question } = parsed;
  const promptSize = countPrompt(question.prompt);
  exchange.record.promptTokens = promptSize;
  world.log.name(exchange.record, question.model);
  const name = nameOf(question);
  const repeat = world.stats.asked(question.model, name);
  const admitted = admit(exchange, question.model, promptSize, question.maxTokens ?? 0);
  if (admitted === undefined) return;
  endWith(exchange, admitted);
  if (promptSize > world.contextWindow) {
    refuse(exchange, { kind: "context-length", model: question.model }, rateHeaders(exchange, question.model));
    return;
  }
  const wish = request.headers[WISH_HEADER];
  const call = { model: question.model, route: exchange.url.pathname, name, repeat, atMs: world.elapsedMs() };
  const spec = toSpec(world.faults().next(call, typeof wish === "string" ? wish : undefined), exchange, question);
  if (spec !== undefined) {
    world.stats.failed(spec.fault);
    exchange.record.fault = spec.fault;
  }
  await proceed({ ...exchange, dialect, question, spec, admitted, name, repeat, body: value });
}

/** What a fault comes to: a refused prefill needs a prefill, and Anthropic's policy lets the model refuse. */
function toSpec(found: FaultSpec | undefined, { lane }: Exchange, { turns }: Question): FaultSpec | undefined {
  if (found?.fault === "no-prefill" && turns.at(-1)?.role !== "assistant") return undefined;
  if (found?.fault === "content-policy" && lane.name === "anthropic") return { ...found, fault: "refusal" };
  return found;
}

async function proceed(generation: Generation): Promise<void> {
  const { world, question, organization, spec, record, left } = generation;
  const { clock } = world;
  const cached = world.promptCache.find(question.prompt, `${organization} ${question.model}`, clock.now());
  if (await misbehave(generation)) return;
  const completion = complete(question, {
    seed: world.seed,
    repeat: generation.repeat,
    fault: spec?.fault,
    failoverAnswer: world.behaviour().failoverAnswer,
    roomTokens: Math.max(0, world.contextWindow - cached.promptTokens),
  });
  const usage = cached.usage(completion);
  record.outputTokens = completion.outputTokens;
  const wait = waitMs(generation, completion);
  try {
    if (wait > 0) await clock.sleep(wait, left);
  } catch (error) {
    // Whoever leaves pays all the same: the model has been asked.
    if (left.aborted) book(generation, usage, "aborted");
    throw error;
  }
  const now = clock.now();
  cached.commit(now);
  generation.admitted.correct(cached.readTokens, now);
  world.stats.answered(promptTokens(usage), usage.outputTokens);
  const answer = { question, completion, usage, createdAt: now };
  generation.dialect.remember?.(generation.body, answer);
  await deliver(generation, answer);
}

/** Until the first byte: without a stream, the whole answer must be written before. */
function waitMs({ world, question, spec, name, repeat }: Generation, { outputTokens }: Completion): number {
  const drawn = isFailoverModel(question.model)
    ? 0
    : drawLatencyMs(world.behaviour().latencyMs, chanceOf(world.seed, "latency", name, repeat));
  const writing = question.isStreamed ? 0 : outputTokens * tokenMs(world, question.model);
  const slow = spec?.fault === "slow" ? (spec.delayMs ?? SLOW_MS) : 0;
  return drawn + writing + slow;
}
