import { MillraceError } from "../core/errors.ts";
import type { Answer, AnswerStream, StreamOptions } from "./ai.ts";
import type { Sink } from "./pipeline.ts";
import { createTextBuffer } from "./text-buffer.ts";

/** Makes a stream of a call that tells its text as it comes, where there is a sink, and gives its answer in the end. */
export function streamAnswer(
  { mode = "live" }: StreamOptions,
  call: (sink: Sink | undefined) => Promise<Answer<string>>,
): AnswerStream {
  const buffer = createTextBuffer();
  const answer = finish();
  // Whoever only reads the text hears of the error there.
  answer.catch((error: unknown) => buffer.end(error as Error));

  async function finish(): Promise<Answer<string>> {
    const given = await call(mode === "live" ? buffer : undefined);
    if (!buffer.hasPassedOn()) void buffer.write(given.value);
    else if (buffer.text() !== given.value) throw brokenOff(given);
    buffer.end();
    return given;
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
