import { complete } from "../answer/complete.ts";
import type { Dialect } from "../lane.ts";
import type { World } from "../world.ts";

/** A whole HTTP answer for each way to ask, as bytes. */
export interface FixedAnswer {
  readonly plain: Buffer;
  readonly streamed: Buffer;
}

const PROMPT = "Say in a few sentences how the lamps of this house follow those who live in it.";
const REQUEST = {
  model: "simulated-instant",
  max_tokens: 500,
  messages: [{ role: "user", content: PROMPT }],
  input: PROMPT,
};

/** Writes the answers that instant mode gives, by path. */
export function createFixedAnswers(world: World): ReadonlyMap<string, FixedAnswer> {
  const { messages, chat, responses } = world.dialects;
  return new Map([
    ["/v1/messages", fixedAnswer(world, messages)],
    ["/v1/chat/completions", fixedAnswer(world, chat)],
    ["/v1/responses", fixedAnswer(world, responses)],
  ]);
}

function fixedAnswer(world: World, dialect: Dialect): FixedAnswer {
  const { seed, clock } = world;
  const parsed = dialect.parse({ ...REQUEST, stream_options: undefined }, { "anthropic-version": "2023-06-01" });
  if (!parsed.ok) throw new TypeError(parsed.message);
  const { question } = parsed;
  const { failoverAnswer } = world.behaviour();
  const completion = complete(question, { seed, repeat: 0, fault: undefined, failoverAnswer, roomTokens: 1_000 });
  const { outputTokens, reasoningTokens } = completion;
  const usage = {
    inputTokens: Math.ceil(PROMPT.length / 4),
    cacheReadTokens: 0,
    cacheWrite5mTokens: 0,
    cacheWrite1hTokens: 0,
    outputTokens,
    reasoningTokens,
  };
  const answer = { question: { ...question, wantsUsage: true }, completion, usage, createdAt: clock.now() };
  const { requestIdHeader } = dialect.lane;
  const frames = dialect
    .stream(answer)
    .map(({ text }) => text)
    .join("");
  return {
    plain: whole(JSON.stringify(dialect.reply(answer)), "application/json", requestIdHeader),
    streamed: whole(frames, "text/event-stream; charset=utf-8", requestIdHeader),
  };
}

function whole(body: string, type: string, requestIdHeader: string): Buffer {
  const length = Buffer.byteLength(body);
  const head = `HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\n${requestIdHeader}: req_instant\r\ncontent-length: ${length}\r\n\r\n`;
  return Buffer.from(head + body);
}
