import type { Clock } from "../core/clock.ts";
import { classifyError, classifyNetworkError, requestIdOf } from "./classify.ts";
import { isContentPart, PartCollector } from "./collect-parts.ts";
import type { Exchange, ReplyHead } from "./exchange.ts";
import { ModelFailure } from "./failure.ts";
import type { ModelPart } from "./model.ts";
import type { StreamDecoder } from "./wire/codec.ts";
import { isFields, parseJson } from "./wire/fields.ts";
import { SseParser } from "./wire/sse.ts";

export interface StreamReaderOptions {
  readonly exchange: Exchange;
  readonly head: ReplyHead;
  readonly decoder: StreamDecoder;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
  /** Whether each event is also given as it came. */
  readonly isRaw: boolean;
}

/** How long an answer that is whole may keep its usage back, in milliseconds. */
const USAGE_MS = 1_000;

/** Reads one streamed answer from its socket, piece by piece, and judges how it ends. */
export class StreamReader {
  readonly #options: StreamReaderOptions;
  readonly #parser = new SseParser((data) => this.#event(data));
  readonly #collector = new PartCollector();
  #parts: ModelPart[] = [];
  #failure: ModelFailure | undefined;
  #hasContent = false;
  #damagedEvents = 0;
  #isDone = false;
  #isAwaitingUsage = false;

  constructor(options: StreamReaderOptions) {
    this.#options = options;
  }

  /** Whether all has been read that matters. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** The parts of the next piece, `finish` the last of all. Throws ModelFailure, after the parts that came before it were given. */
  async next(): Promise<readonly ModelPart[]> {
    this.#throwIfFailed();
    const { exchange, decoder } = this.#options;
    this.#parts = [];
    const piece = await this.#read();
    if (piece === undefined) this.#parser.end();
    else this.#parser.push(Buffer.isBuffer(piece) ? piece : Buffer.from(piece));
    if (this.#failure === undefined) {
      if (this.#isDone || decoder.isDone || (piece === undefined && decoder.isAnswered)) this.#finish();
      else if (piece === undefined)
        this.#fail(new ModelFailure("interrupted", { detail: "the stream ended before the answer" }));
      else if (decoder.isAnswered && !this.#isAwaitingUsage) {
        this.#isAwaitingUsage = true;
        exchange.expectEndWithin(USAGE_MS);
      }
    }
    if (this.#parts.length === 0) this.#throwIfFailed();
    return this.#parts;
  }

  #throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #read(): Promise<Uint8Array | undefined> {
    const { exchange, decoder, signal } = this.#options;
    try {
      return await exchange.read();
    } catch (error) {
      if (signal?.aborted === true) throw error;
      // What breaks after the completion signal breaks nothing that matters.
      if (decoder.isAnswered) return undefined;
      this.#fail(classifyNetworkError(error, true) ?? new ModelFailure("interrupted", { detail: String(error) }));
      return undefined;
    }
  }

  #event(data: string): void {
    if (this.#failure !== undefined || this.#isDone) return;
    if (data === "[DONE]") {
      this.#isDone = this.#options.decoder.isAnswered;
      return;
    }
    const event = parseJson(data);
    if (event === undefined) {
      this.#damagedEvents += 1;
      return;
    }
    if (this.#options.isRaw) this.#parts.push({ type: "raw", rawValue: event });
    if (isFields(event) && event["error"] !== undefined && event["error"] !== null) {
      const { head, clock } = this.#options;
      this.#fail(classifyError(event, head, clock.now()));
      return;
    }
    const before = this.#parts.length;
    this.#options.decoder.push(event, this.#parts);
    for (let index = before; index < this.#parts.length; index++) this.#collect(this.#parts[index]);
  }

  #collect(part: ModelPart | undefined): void {
    if (part === undefined) return;
    this.#collector.add(part);
    if (this.#hasContent || !isContentPart(part)) return;
    this.#hasContent = true;
    this.#options.exchange.began();
  }

  #finish(): void {
    this.#isDone = true;
    this.#options.decoder.finish(this.#parts);
    const last = this.#parts.at(-1);
    if (this.#damagedEvents === 0 || last?.type !== "finish") return;
    const providerMetadata = { ...last.providerMetadata, millrace: { damagedEvents: this.#damagedEvents } };
    this.#parts.splice(-1, 1, { ...last, providerMetadata });
  }

  #fail(failure: ModelFailure): void {
    const { decoder, head } = this.#options;
    const requestId = requestIdOf(head.headers);
    const arrived = { content: this.#collector.content(), usage: decoder.usage };
    this.#failure = failure.with(this.#hasContent ? { requestId, arrived } : { requestId });
  }
}
