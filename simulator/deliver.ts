import type { Frame } from "./answer/completion.ts";
import type { Usage } from "./account/usage.ts";
import type { Fault, FaultSpec } from "./faults/fault.ts";
import { book, type Generation, rateHeaders, SLOW_MS, tokenMs, untilAborted } from "./generation.ts";
import { beginEvents, beginJson, breakOff, type Headers, sendJson, sendText, write } from "./http/send.ts";
import type { Answer } from "./lane.ts";
import { DONE } from "./openai/chat-reply.ts";

/** Faults that break an answer off, and how. */
const BREAKS = new Set<Fault>(["truncated", "reset-mid-stream", "unfinished", "stall", "error-event"]);
/** How much of a body arrives before it breaks off. */
const SHARE_SENT = 0.6;
const STALL_MS = 30_000;
const SKEW_MS = -3_600_000;

/** Sends an answer, as well as its fault lets it, and books it. */
export async function deliver(generation: Generation, answer: Answer): Promise<void> {
  const { spec, question, response, world, organization, record } = generation;
  const isBroken = spec !== undefined && BREAKS.has(spec.fault);
  if (isBroken) record.outcome = "cut";
  else {
    book(generation, answer.usage, "whole");
    response.once("close", () => {
      if (!response.writableFinished) world.ledger.abandoned(organization, question.model);
    });
  }
  if (question.isStreamed) await deliverStream(generation, answer, isBroken);
  else await deliverWhole(generation, answer, isBroken);
}

function headersOf(generation: Generation): Headers {
  const { headers, spec, question, world, record, lane } = generation;
  const processing = Math.max(0, Math.round(world.elapsedMs() - record.atMs));
  const skewMs = spec?.fault === "clock-skew" ? (spec.skewMs ?? SKEW_MS) : 0;
  return {
    ...headers,
    ...(lane.name === "openai" ? { "openai-processing-ms": String(processing) } : {}),
    ...rateHeaders(generation, question.model, skewMs),
    ...(skewMs === 0 ? {} : { date: new Date(world.clock.now() + world.behaviour().skewMs + skewMs).toUTCString() }),
  };
}

async function deliverStream(generation: Generation, answer: Answer, isBroken: boolean): Promise<void> {
  const { dialect, spec, response, world, left, admitted } = generation;
  const frames = sentFrames(dialect.stream(answer), spec);
  beginEvents(response, headersOf(generation));
  await pauseAfterHead(generation);
  const perTokenMs = tokenMs(world, answer.question.model);
  const startedAt = world.clock.monotonic();
  let tokens = 0;
  for (const frame of frames) {
    tokens += frame.tokens;
    const wait = startedAt + tokens * perTokenMs - world.clock.monotonic();
    // A timer knows whole milliseconds: shorter waits add up to the next one.
    if (perTokenMs > 0 && wait >= 1) await world.clock.sleep(wait, left);
    if (left.aborted) return;
    await write(response, frame.text, left);
    admitted.wrote(frame.tokens, world.clock.now());
  }
  if (!isBroken) {
    response.end();
    return;
  }
  // It breaks when the next token would come.
  if (perTokenMs > 0) await world.clock.sleep(perTokenMs, left);
  await breakAnswer(generation, answer, tokens);
}

/** The frames that a client gets to see. */
function sentFrames(frames: readonly Frame[], spec: FaultSpec | undefined): readonly Frame[] {
  if (spec === undefined) return frames;
  if (spec.fault === "no-done") return frames.filter(({ text }) => text !== DONE);
  const isBreak = BREAKS.has(spec.fault);
  if (!isBreak && spec.fault !== "broken-body") return frames;
  const at = spec.afterTokens === undefined ? Math.ceil(frames.length / 2) : placeAfter(frames, spec.afterTokens);
  return isBreak ? frames.slice(0, at) : frames.toSpliced(at, 0, brokenLike(frames[at]));
}

/** An event of the same name as another, and no JSON. */
function brokenLike(frame: Frame | undefined): Frame {
  const name = /^event: .*\n/.exec(frame?.text ?? "")?.[0] ?? "";
  return { text: `${name}data: {not json\n\n`, tokens: 0 };
}

function placeAfter(frames: readonly Frame[], tokens: number): number {
  let sum = 0;
  const last = frames.findIndex((frame) => {
    sum += frame.tokens;
    // Tokens of a piece are parts of a sum: what differs by less than a thousandth is the same.
    return sum >= tokens - 0.001 && frame.tokens > 0;
  });
  return last === -1 ? Math.ceil(frames.length / 2) : last + 1;
}

async function deliverWhole(generation: Generation, answer: Answer, isBroken: boolean): Promise<void> {
  const { dialect, spec, response, admitted, world, left, lane, requestId } = generation;
  const { outputTokens } = answer.completion;
  const text = JSON.stringify(dialect.reply(answer));
  const headers = headersOf(generation);
  admitted.wrote(outputTokens, world.clock.now());
  const part = Buffer.from(text).subarray(0, Math.ceil(Buffer.byteLength(text) * SHARE_SENT));
  const fault = spec?.fault;
  if (fault === "broken-body" || fault === "unfinished") {
    if (isBroken) charge(generation, answer, outputTokens);
    sendText(response, { status: 200, text: part }, headers);
  } else if (fault === "error-event") {
    charge(generation, answer, 0);
    const { body } = lane.error({ kind: "server-error", model: answer.question.model }, requestId);
    sendJson(response, { status: 200, body }, headers);
  } else if (isBroken || fault === "slow-first-token" || fault === "silent-body") {
    beginJson(response, Buffer.byteLength(text), headers);
    await pauseAfterHead(generation);
    if (!isBroken) {
      response.end(text);
      return;
    }
    await write(response, part, left);
    await breakAnswer(generation, answer, outputTokens * SHARE_SENT);
  } else sendText(response, { status: 200, text }, headers);
}

/** Waits between head and body where the fault says so; what stays silent is closed afterwards. */
async function pauseAfterHead({ spec, world, left, response }: Generation): Promise<void> {
  if (spec?.fault === "slow-first-token") await world.clock.sleep(spec.delayMs ?? SLOW_MS, left);
  if (spec?.fault !== "silent-body") return;
  if (spec.delayMs === undefined) await untilAborted(left);
  else await world.clock.sleep(spec.delayMs, left);
  response.destroy();
}

async function breakAnswer(generation: Generation, answer: Answer, tokens: number): Promise<void> {
  const { spec, response, world, left, dialect, lane, requestId } = generation;
  charge(generation, answer, Math.floor(tokens));
  if (spec?.fault === "unfinished") response.end();
  else if (spec?.fault === "error-event") {
    response.end(dialect.errorFrame(lane.error({ kind: "overloaded", model: answer.question.model }, requestId)));
  } else {
    if (spec?.fault === "stall") await world.clock.sleep(spec.delayMs ?? STALL_MS, left);
    await breakOff(response, spec?.fault === "reset-mid-stream");
  }
}

/** Books an answer up to where it broke. */
function charge(generation: Generation, { usage }: Answer, outputTokens: number): void {
  const cut: Usage = { ...usage, outputTokens, reasoningTokens: Math.min(usage.reasoningTokens, outputTokens) };
  book(generation, cut, "cut");
}
