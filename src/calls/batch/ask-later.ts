import { hash } from "node:crypto";
import type { Clock } from "../../core/clock.ts";
import { toMs } from "../../core/duration.ts";
import { MillraceError, toErrorRecord } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import { mapParallel } from "../../core/parallel.ts";
import type { ModelsConfig } from "../../model/config.ts";
import { ModelFailure } from "../../model/failure.ts";
import type { Transport } from "../../model/transport.ts";
import type { Budget, BudgetReservation } from "../../resilience/budget.ts";
import { toTokens } from "../../model/usage.ts";
import { createMessagesCodec } from "../../model/wire/anthropic/codec.ts";
import type { Codec } from "../../model/wire/codec.ts";
import { createChatCodec } from "../../model/wire/openai/codec.ts";
import type { Answer, LaterAnswer, LaterItem, LaterOptions, LaterOutcome, TextOptions } from "../ai.ts";
import type { AnswerShelf } from "../answer-shelf.ts";
import { wholeText } from "../ask-provider.ts";
import { check, checkCall, checkTime } from "../check-call.ts";
import type { AiRun } from "../ai-run.ts";
import type { ModelRef, Models } from "../models.ts";
import { mostUsd, scopeOf } from "../spend-budget.ts";
import type { CallContext, Question, Reply } from "../pipeline.ts";
import type { ToldCall } from "../tell-call.ts";
import { createTally, type Spent } from "../tally.ts";
import { createAnthropicBatches } from "./anthropic-batches.ts";
import { type BatchApi, type BatchLine, type BatchResult, type FoundBatch } from "./batch-api.ts";
import { createProviderSender } from "../provider-sender.ts";
import type { BatchStore } from "./batch-store.ts";
import { createOpenaiBatches } from "./openai-batches.ts";

export interface AskLaterParams {
  readonly models: Models;
  readonly config: ModelsConfig;
  readonly transport: Transport;
  readonly store: BatchStore;
  /** Undefined: there is no bound. */
  readonly budget: Budget | undefined;
  readonly shelf: AnswerShelf | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/** What one call brings with it. */
export interface AskLaterCall {
  readonly run: AiRun;
  readonly signal: AbortSignal;
  /** Asks directly. */
  readonly text: (options: TextOptions) => Promise<Answer<string>>;
  readonly toQuestion: (model: ModelRef, options: TextOptions) => Question;
  readonly context: CallContext;
  readonly tell: (call: ToldCall) => void;
}

/** A batch costs half: developers.openai.com/api/docs/pricing and platform.claude.com/docs, both. */
const BATCH_SHARE = 0.5;
const POLL_MS = 30_000;
const SHORTEST_POLL_MS = 100;
const MOST_ITEMS = 10_000;
const DIRECT_PARALLEL = 5;
/** How long a canceled batch may take to end: OpenAI says up to ten minutes. */
const CANCEL_MS = 600_000;

interface Watch {
  readonly pollMs: number;
  readonly signal: AbortSignal;
  readonly taker: Taker;
}

/** Takes results as they are read; one that comes twice, since they had to be read anew, once. */
interface Taker {
  take(line: BatchLine): Promise<void>;
  /** How many were of this batch. */
  count(): number;
}

interface Waiting {
  readonly options: LaterOptions;
  readonly call: AskLaterCall;
  readonly taker: Taker;
}

interface Asked {
  readonly item: LaterItem;
  readonly customId: string;
  readonly question: Question;
  readonly options: TextOptions;
}

/**
 * Asks many questions in one batch, at half the price, and waits for it. What is kept is not asked; what the batch did not answer by `within`,
 * or could not, is asked directly.
 */
export function createAskLater(
  params: AskLaterParams,
): (options: LaterOptions, call: AskLaterCall) => Promise<LaterAnswer> {
  const { models, config, transport, store, budget, shelf, clock, log } = params;

  function openApi({ provider }: ModelRef): BatchApi | undefined {
    const found = config.providers[provider];
    if (found?.kind !== "anthropic" && found?.kind !== "openai") return undefined;
    const send = createProviderSender(found, { transport, now: () => clock.now() });
    return found.kind === "anthropic" ? createAnthropicBatches(send) : createOpenaiBatches(send);
  }

  /**
   * Takes the results that there are when the time is up. Gives what was set aside for it; undefined for one that was handed in before a crash:
   * the most that it may cost stays on the budget.
   */
  async function waitFor(
    api: BatchApi,
    asked: readonly Asked[],
    { options, call, taker }: Waiting,
  ): Promise<BudgetReservation | undefined> {
    const { within = "24h", poll = POLL_MS } = options;
    const handed = await handedIn(api, asked, options, call);
    const until = handed.submittedAt + toMs(within);
    const watch = { pollMs: toMs(poll), signal: call.signal, taker };
    let candidates = handed.batches;
    let reservation: BudgetReservation | undefined;
    for (;;) {
      const [candidate] = candidates;
      if (candidate === undefined) {
        const submitted = await submit(api, asked, options, call);
        reservation = submitted.reservation;
        candidates = [{ id: submitted.id, isCertain: true }];
        continue;
      }
      const hasEnded = await takeResults(api, candidate.id, { ...watch, until });
      // What may be somebody else's is not called off.
      if (!hasEnded && candidate.isCertain) await cutShort(api, candidate.id, watch);
      if (!hasEnded || candidate.isCertain || taker.count() > 0) return reservation;
      candidates = candidates.slice(1);
    }
  }

  /** Where it was handed in before, or may have been; none: nowhere. */
  async function handedIn(
    api: BatchApi,
    asked: readonly Asked[],
    { name }: LaterOptions,
    { run, signal }: AskLaterCall,
  ): Promise<{ readonly batches: readonly FoundBatch[]; readonly submittedAt: number }> {
    const known = await store.find(run.id, name);
    const isOfModel = known?.model === asked[0]?.question.model.name;
    if (known === undefined || !isOfModel) return { batches: [], submittedAt: clock.now() };
    const { batchId, submittedAt } = known;
    if (batchId !== null) return { batches: [{ id: batchId, isCertain: true }], submittedAt };
    const lost = { mark: markOf(run.id, name), sentAt: submittedAt, items: asked.length };
    return { batches: await api.find(lost, signal), submittedAt };
  }

  /** Whether it had ended by then. */
  async function takeResults(
    api: BatchApi,
    id: string,
    { until, pollMs, signal, taker }: Watch & { readonly until: number },
  ): Promise<boolean> {
    for (;;) {
      try {
        const lines = await api.results(id, signal);
        if (lines !== undefined) {
          for await (const line of lines) await taker.take(line);
          return true;
        }
      } catch (error) {
        if (signal.aborted || !(error instanceof ModelFailure) || !error.isRetryable) throw error;
        log.debug({ error, batch: id }, "a batch could not be looked at; it is tried again");
      }
      const left = until - clock.now();
      if (left <= 0) return false;
      await clock.sleep(Math.min(pollMs, left), signal);
    }
  }

  /** Cancels a batch that is late. What it has finished by then is charged, so it is taken. */
  async function cutShort(api: BatchApi, id: string, watch: Watch): Promise<void> {
    try {
      await api.cancel(id, watch.signal);
    } catch (error) {
      watch.signal.throwIfAborted();
      log.debug({ error, batch: id }, "a late batch could not be canceled");
    }
    await takeResults(api, id, { ...watch, until: clock.now() + CANCEL_MS });
  }

  /** Hands a batch in. That it will be is written first, so that after a crash it is looked for before it is handed in again. */
  async function submit(
    api: BatchApi,
    asked: readonly Asked[],
    { name }: LaterOptions,
    call: AskLaterCall,
  ): Promise<{ readonly id: string; readonly reservation: BudgetReservation | undefined }> {
    const { run, signal, context } = call;
    const items = asked.map(({ customId, question }) => ({
      customId,
      body: codecOf(question).encode(callOf(question), false).body,
    }));
    const [first] = asked;
    const model = first?.question.model.name ?? "";
    const most = asked.reduce((sum, { question }) => sum + (mostUsd(question, models) ?? 0), 0) * BATCH_SHARE;
    const scope = first === undefined ? {} : scopeOf(first.question, context);
    const reservation = await budget?.reserve(scope, { usd: most });
    const batch = { runId: run.id, name, model, submittedAt: clock.now() };
    await store.put({ ...batch, batchId: null });
    try {
      const id = await api.submit(items, { mark: markOf(run.id, name), signal });
      await store.put({ ...batch, batchId: id });
      return { id, reservation };
    } catch (error) {
      // What the provider refused it does not have. Of anything else nobody knows, so it is looked for the next time.
      if (error instanceof ModelFailure && error.status !== undefined && error.status < 500) {
        await store.delete(run.id, name);
        await reservation?.release();
      }
      throw error;
    }
  }

  /** Undefined: the batch has no answer that can be used. */
  async function read(
    { question, item }: Asked,
    result: BatchResult,
    call: AskLaterCall,
  ): Promise<LaterOutcome | undefined> {
    if (!result.ok) return undefined;
    const decoded = codecOf(question).encode(callOf(question), false).decodeReply(result.reply);
    if (decoded === undefined) return undefined;
    const tokens = toTokens(decoded.usage);
    const full = models.priceOf(question.model)(tokens);
    const tally = createTally();
    tally.sent();
    tally.used(tokens, full === null ? null : full * BATCH_SHARE);
    const spent = tally.take();
    call.context.tally.add(spent);
    let text: string;
    try {
      text = wholeText(decoded, question.maxOutputTokens);
    } catch {
      call.context.report(question, spent);
      return undefined;
    }
    const reply: Reply = {
      text,
      model: question.model.name,
      source: "provider",
      degraded: null,
      similar: null,
      origin: null,
    };
    await shelf?.put(question, reply, spent);
    const { run, tell } = call;
    const key = question.keep?.keyOf(question.model.name);
    const about = { runId: run.id, automation: run.automation, tenant: question.tenant, model: question.model.name };
    tell({ ...about, source: "batch", spent, reply, key, ms: 0, isBackground: false });
    return { id: item.id, status: "answered", answer: toAnswer(text, question, spent) };
  }

  async function known({ question, item }: Asked, { context }: AskLaterCall): Promise<LaterOutcome | undefined> {
    const reply = await shelf?.find(question, context);
    if (reply?.origin == null) return undefined;
    const spent = createTally().take();
    const answer = toAnswer(reply.text, question, spent);
    const { usd, at } = reply.origin;
    return {
      id: item.id,
      status: "answered",
      answer: { ...answer, source: reply.source, savedUsd: usd, requests: 0, ageMs: Math.max(0, clock.now() - at) },
    };
  }

  async function direct({ item, options }: Asked, call: AskLaterCall): Promise<LaterOutcome> {
    try {
      return { id: item.id, status: "answered", answer: await call.text(options) };
    } catch (error) {
      call.signal.throwIfAborted();
      return { id: item.id, status: "failed", error: toErrorRecord(error) };
    }
  }

  return async (options, call) => {
    requireItems(options);
    const startedAt = clock.monotonic();
    const model = await models.find(options.model, call.signal);
    const asked = options.items.map((item): Asked => {
      const { items: _items, name: _name, within: _within, poll: _poll, ...shared } = options;
      const { id, ...own } = item;
      const question = { ...shared, ...own, signal: call.signal };
      checkCall(question);
      return {
        item,
        customId: markOf(call.run.id, options.name, id),
        question: call.toQuestion(model, question),
        options: question,
      };
    });
    const outcomes = new Map<string, LaterOutcome>();
    const note = (outcome: LaterOutcome | undefined): void => void (outcome && outcomes.set(outcome.id, outcome));
    for (const each of asked) note(await known(each, call));
    const api = openApi(model);
    const open = asked.filter(({ item }) => !outcomes.has(item.id));
    if (api !== undefined && open.length > 0) {
      const left = new Map(open.map((each) => [each.customId, each]));
      const taker: Taker = {
        async take({ customId, result }) {
          const each = left.get(customId);
          if (each === undefined) return;
          left.delete(customId);
          note(await read(each, result, call));
        },
        count: () => open.length - left.size,
      };
      const reservation = await waitFor(api, open, { options, call, taker });
      const { usd } = call.context.tally.total();
      await reservation?.settle(usd === null ? {} : { usd });
    }
    const rest = asked.filter(({ item }) => !outcomes.has(item.id));
    await mapParallel(rest, async (each) => note(await direct(each, call)), { parallel: DIRECT_PARALLEL });
    call.signal.throwIfAborted();
    // From here on the answers are kept, so a run that comes again finds them there.
    await store.delete(call.run.id, options.name);
    return toLaterAnswer(
      asked.flatMap(({ item }) => outcomes.get(item.id) ?? []),
      Math.round(clock.monotonic() - startedAt),
    );
  };
}

/** Names a batch, or one item of it, the same after a crash, and nothing else. */
function markOf(...names: readonly string[]): string {
  return hash("sha256", JSON.stringify(names)).slice(0, 32);
}

function codecOf({ model }: Question): Codec {
  return model.kind === "anthropic" ? createMessagesCodec(model.model) : createChatCodec(model.model, "openai");
}

function callOf({ prompt, maxOutputTokens }: Question): { prompt: Question["prompt"]; maxOutputTokens: number } {
  return { prompt, maxOutputTokens };
}

/** Half was paid and the other half saved. */
function toAnswer(text: string, { model }: Question, { usage, usd, requests }: Spent): Answer<string> {
  return {
    value: text,
    source: "batch",
    model: model.name,
    usage,
    usd,
    savedUsd: usd === null ? null : (usd * (1 - BATCH_SHARE)) / BATCH_SHARE,
    ms: 0,
    requests,
    ageMs: null,
    similar: null,
    degraded: null,
  };
}

function toLaterAnswer(items: readonly LaterOutcome[], ms: number): LaterAnswer {
  const answers = items.flatMap((item) => (item.status === "answered" ? [item.answer] : []));
  const sum = (values: readonly (number | null)[]): number | null =>
    values.reduce((total, value) => (total === null || value === null ? null : total + value), 0);
  return { items, usd: sum(answers.map(({ usd }) => usd)), savedUsd: sum(answers.map(({ savedUsd }) => savedUsd)), ms };
}

function requireItems({ items, name, poll = POLL_MS, within = "24h" }: LaterOptions): void {
  check("poll", poll, toMs(poll) >= SHORTEST_POLL_MS, "100 ms or longer");
  checkTime("within", toMs(within));
  if (name === "") throw new MillraceError("INPUT_INVALID", "A batch needs a name, unique in its run.");
  if (items.length === 0 || items.length > MOST_ITEMS)
    throw new MillraceError("INPUT_INVALID", `A batch takes 1 to ${MOST_ITEMS} items, got ${items.length}.`);
  if (new Set(items.map(({ id }) => id)).size < items.length)
    throw new MillraceError("INPUT_INVALID", "Each item of a batch needs an id of its own.");
}
