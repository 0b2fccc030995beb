import { MillraceError } from "../../core/errors.ts";
import type { ModelPart } from "../../model/model.ts";
import type { Answer } from "../ai.ts";
import type { Sink } from "../pipeline.ts";
import { type AnswerLine, readLines } from "../whole-answer.ts";
import { type GatewayReply, storyComment } from "./reply.ts";

interface Opened {
  readonly headers: Readonly<Record<string, string>>;
  readonly writer: { write(part: ModelPart): string };
}

/** Passes an answer on as it comes, as fast as the client takes it. The head goes out with the first piece of content. */
export class LiveStream implements Sink {
  readonly #reply: GatewayReply;
  readonly #open: (model: string) => Opened;
  #opened: Opened | undefined;
  #isWhole = false;

  constructor(reply: GatewayReply, open: (model: string) => Opened) {
    this.#reply = reply;
    this.#open = open;
  }

  write(text: string): Promise<void> | undefined {
    return this.take(readLines(text));
  }

  take(lines: readonly AnswerLine[]): Promise<void> | undefined {
    let events = "";
    for (const line of lines) {
      if (line.type === "answering") {
        if (this.#opened !== undefined) continue;
        this.#opened = this.#open(line.model);
        this.#reply.begin(200, this.#opened.headers);
        continue;
      }
      if (line.type === "finish") this.#isWhole = true;
      events += this.#opened?.writer.write(line) ?? "";
    }
    return events === "" ? undefined : this.#reply.write(events);
  }

  hasPassedOn(): boolean {
    return this.#opened !== undefined;
  }

  /** Ends it. Throws CALL_FAILED when another answer had to stand in after a part of this one was passed on. */
  finish(answer: Answer<unknown>): void {
    if (this.#isWhole) return this.#reply.end(storyComment(answer));
    throw new MillraceError("CALL_FAILED", "The answer broke off after a part of it was passed on.", {
      facts: { model: answer.model },
      advice: "Ask again, or use `x-millrace-mode: held`, in which another model may stand in.",
      isRetryable: true,
    });
  }
}
