import type { LanguageModelV4Prompt } from "@ai-sdk/provider";
import type { CacheOptions } from "../cache/cache.ts";
import type { Source } from "../core/events.ts";
import type { ModelCall } from "../model/model.ts";
import type { Deadline } from "../resilience/deadline.ts";
import type { CallUsage, SimilarQuestion, SimilarReuse } from "./ai.ts";
import type { WireSchema } from "./json-schema.ts";
import type { ModelRef } from "./models.ts";
import type { Judged } from "./object-format.ts";
import type { Pace } from "./pace.ts";
import type { Spent, Tally } from "./tally.ts";
import type { AnswerLine, WholeAnswer } from "./whole-answer.ts";
import type { Trail } from "./trail.ts";

/** What is asked, of whom, and how its answer may be kept. */
export interface Question {
  readonly model: ModelRef;
  readonly prompt: LanguageModelV4Prompt;
  readonly maxOutputTokens: number;
  /** Absent: the answer is text. */
  readonly object?: {
    readonly name: string;
    readonly wire: WireSchema;
    /** Reads a text as the object and checks it. */
    readonly judge: (text: string) => Promise<Judged<unknown>>;
  };
  /**
   * The whole call as a client of the gateway wrote it. Then the text of the reply is the JSON of a WholeAnswer, and a sink takes its lines.
   * Absent: prompt and maxOutputTokens say all, and the reply is the text of the answer.
   */
  readonly whole?: { readonly call: ModelCall; readonly isStreamed: boolean };
  /** True: the provider is asked for a stream though the answer is wanted as a whole, since that shows early that it stalls. */
  readonly isHeld?: boolean;
  /** Goes with the request; absent where the schema is told in words. */
  readonly schema?: { readonly name: string; readonly wire: WireSchema };
  /** Under which key the answer of a model is kept, and how; absent: not at all. */
  readonly keep?: {
    readonly keyOf: (model: string) => string;
    readonly options: CacheOptions;
    /** True: nobody is asked; without a kept answer it is NOT_KEPT. */
    readonly isOnly?: boolean;
  };
  /** Absent: only the answer to this very question will do. */
  readonly similar?: {
    readonly reuse: SimilarReuse;
    readonly prompt: string;
    readonly system: string | undefined;
    readonly turns: number;
  };
  /** How it may go in one request with others; absent: it goes alone. */
  readonly pack?: { readonly most: number; readonly waitMs: number };
  readonly tenant: string | undefined;
  readonly priority: number;
  /** The name that was asked for: an alias, `provider/model`, or the default. */
  readonly alias: string;
  /** Longest wait for the first byte of a reply, and between two pieces of it, in milliseconds; absent: all the time there is. */
  readonly firstByteMs?: number;
}

/** An answer as text, and its story. */
export interface Reply {
  readonly text: string;
  /** The same to a whole call, where it was made for this one and not kept: then the text may be empty. */
  readonly whole?: WholeAnswer;
  /** `provider/model` that wrote it. */
  readonly model: string;
  readonly source: Source;
  readonly degraded: string | null;
  /** True: good for this call alone, and not kept. */
  readonly isForNow?: boolean;
  readonly similar: SimilarQuestion | null;
  /** When its content came, for one that was made as a stream. */
  readonly pace?: Pace;
  /** What it took to make it, and when (milliseconds since the epoch); null when it was made for this call. */
  readonly origin: { readonly usage: CallUsage; readonly usd: number | null; readonly at: number } | null;
}

/** Takes the text of an answer as it comes. */
export interface Sink {
  /** What it gives resolves once there is room for more; undefined: there is. */
  write(text: string): Promise<void> | undefined;
  /** The same for lines of a whole answer, for a sink that needs no text: to write it and read it again costs most of a stream. Absent: it takes text. */
  take?(lines: readonly AnswerLine[]): Promise<void> | undefined;
  /** Once anything was, nobody else can begin anew. */
  hasPassedOn(): boolean;
}

/** For whom it is asked, and how long that may take. */
export interface CallContext {
  readonly runId: string | undefined;
  readonly automation: string | undefined;
  /** Absent: the answer is wanted as a whole. */
  readonly sink?: Sink;
  readonly deadline: Deadline;
  /** Hears of everything that is spent. */
  readonly tally: Tally;
  /** Remembers the stages it went through. Absent: nobody asks for them. */
  readonly trail?: Trail;
  /** True: what is kept will not do. */
  readonly isForced: boolean;
  /** Tells what was spent after the call had its answer, and so is on nobody's bill. */
  report(question: Question, spent: Spent): void;
  /** Does work that nobody waits for, with a time of its own. It must not throw. */
  behind(question: Question, work: (context: CallContext) => Promise<void>): void;
}

export type Ask = (question: Question, context: CallContext) => Promise<Reply>;

/** One idea on the way of a question: it may answer, change the question, wait, or ask the next again. */
export type Stage = (next: Ask) => Ask;

/** Puts stages before what answers in the end; the first one is asked first. */
export function pipeline(stages: readonly Stage[], last: Ask): Ask {
  return stages.reduceRight((next, stage) => stage(next), last);
}
