import { MillraceError } from "../core/errors.ts";
import type { Answer, AnswerStream, StreamOptions } from "./ai.ts";
import type { Answered } from "./call.ts";
import type { Sink } from "./pipeline.ts";
import { createTextBuffer } from "./text-buffer.ts";

/** Makes a stream of a call that tells its text as it comes, where there is a sink, and gives its answer in the end. */
export function streamAnswer(
  { mode = "live" }: StreamOptions,
  call: (sink: Sink | undefined) => Promise<Answered<string>>,
): AnswerStream {
  const buffer = createTextBuffer();
  const answer = finish();
  // Whoever only reads the text hears of the error there.
  answer.catch((error: unknown) => buffer.end(error as Error));

  async function finish(): Promise<Answer<string>> {
    const { answer: given, replay } = await call(mode === "live" ? buffer : undefined);
    if (!buffer.hasPassedOn()) await passOn(given.value, replay);
    else if (buffer.text() !== given.value) throw brokenOff(given);
    buffer.end();
    return given;
  }

  async function passOn(text: string, replay: Answered<string>["replay"]): Promise<void> {
    if (replay === undefined) return void buffer.write(text);
    for await (const parts of replay([{ type: "text-delta", id: "0", delta: text }])) {
      for (const part of parts) if (part.type === "text-delta") void buffer.write(part.delta);
    }
  }

  return { answer, [Symbol.asyncIterator]: () => buffer[Symbol.asyncIterator]() };
}

/** Text was passed on, and then another answer had to stand in. */
function brokenOff({ model, degraded }: Answer<string>): MillraceError {
  return new MillraceError(
    "CALL_FAILED",
    `The answer broke off after a part of it was passed on. ${degraded ?? ""}`.trim(),
    {
      facts: { model },
      advice: "Ask again, or use mode held, in which another route may stand in.",
      isRetryable: true,
    },
  );
}
