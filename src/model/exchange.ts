import type { Clock } from "../core/clock.ts";
import type { HeaderFields } from "./rate-limits.ts";
import { type Timeouts, Watch } from "./timeouts.ts";

/** Head of a reply. */
export interface ReplyHead {
  readonly status: number;
  readonly statusText: string;
  /** Names in lower case. */
  readonly headers: HeaderFields;
}

/** A reply that has come to its end. */
export interface WholeReply {
  readonly head: ReplyHead;
  readonly text: string;
}

export interface ExchangeOptions {
  readonly clock: Clock;
  readonly timeouts: Required<Timeouts>;
  readonly signal: AbortSignal | undefined;
  /** Whether the wait for the first byte goes on after the headers and the first byte of the body, until `began`. */
  readonly waitsForContent: boolean;
  /** Called once, when the socket is free or gone. */
  readonly onEnd: () => void;
}

/** Beyond so many unread bytes the socket is told to wait, so that a slow reader bounds memory. */
const READ_AHEAD_BYTES = 256 * 1024;
/** What is still read of a body that nobody wants, so that its socket can be used again. */
const DRAIN_BYTES = 64 * 1024;
const DRAIN_MS = 1_000;

/** From here on a status says that there is no answer. */
const FIRST_ERROR_STATUS = 300;

type Ending = { readonly kind: "end" } | { readonly kind: "error"; readonly error: Error };

/** What is asked of undici's controller; its own types would have every user of ours install Node's. */
interface Controller {
  readonly paused: boolean;
  pause(): void;
  resume(): void;
  abort(reason: Error): void;
}

/**
 * One request and its reply: one writer (the HTTP client), one reader, at most one read in waiting. Ends by itself when a timeout
 * passes or the signal fires; either frees the socket.
 */
export class Exchange {
  readonly #options: ExchangeOptions;
  readonly #watch: Watch;
  #head: ReplyHead | undefined;
  #headWaiter: PromiseWithResolvers<ReplyHead> | undefined;
  #wholeWaiter: WholeWaiter | undefined;
  #controller: Controller | undefined;
  #chunks: Uint8Array[] = [];
  #unreadBytes = 0;
  #drainedBytes = -1;
  #ending: Ending | undefined;
  #wake: (() => void) | undefined;
  #hasEnded = false;
  #hasBegun = false;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.#watch = new Watch(options.clock, options.timeouts, (error) => this.#giveUp(error));
    options.signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller;
    if (this.#ending?.kind === "error") controller.abort(this.#ending.error);
    else this.#watch.enter("firstByte");
  }

  onResponseStart(_controller: Controller, status: number, headers: HeaderFields, statusText = ""): void {
    if (status < 200) return;
    if (status >= FIRST_ERROR_STATUS) this.began();
    this.#head = { status, statusText, headers };
    this.#headWaiter?.resolve(this.#head);
  }

  onResponseData(controller: Controller, chunk: Uint8Array): void {
    if (this.#hasBegun || this.#options.waitsForContent) this.#watch.touch();
    else this.began();
    if (this.#drainedBytes >= 0) {
      this.#drainedBytes += chunk.length;
      if (this.#drainedBytes > DRAIN_BYTES) controller.abort(lostInterest());
      return;
    }
    this.#chunks.push(chunk);
    this.#unreadBytes += chunk.length;
    if (this.#wholeWaiter !== undefined) return this.#gather(this.#wholeWaiter);
    if (this.#unreadBytes >= READ_AHEAD_BYTES && !controller.paused) {
      controller.pause();
      this.#watch.hold(true);
    }
    this.#notify();
  }

  onResponseEnd(): void {
    this.#release();
    this.#end({ kind: "end" });
  }

  onResponseError(_controller: Controller, error: Error): void {
    this.#release();
    this.#end({ kind: "error", error });
  }

  /** Resolves with the headers. */
  get head(): Promise<ReplyHead> {
    if (this.#head !== undefined) return Promise.resolve(this.#head);
    if (this.#ending?.kind === "error") return Promise.reject(this.#ending.error);
    this.#headWaiter ??= Promise.withResolvers();
    return this.#headWaiter.promise;
  }

  /** Undefined until the headers have come. */
  knownHead(): ReplyHead | undefined {
    return this.#head;
  }

  /** The content has begun: from now on the time between two pieces counts. */
  began(): void {
    this.#hasBegun = true;
    if (!this.#hasEnded) this.#watch.enter("betweenBytes");
  }

  /** Nothing of interest may follow any more: whatever does must come within so many milliseconds. */
  expectEndWithin(ms: number): void {
    if (!this.#hasEnded) this.#watch.enter("betweenBytes", ms);
  }

  /** The next piece of the body; undefined at its end. Rejects when it broke, after all that had come. */
  async read(): Promise<Uint8Array | undefined> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        this.#unreadBytes -= chunk.length;
        if (this.#unreadBytes < READ_AHEAD_BYTES && this.#controller?.paused === true) {
          this.#watch.hold(false);
          this.#controller.resume();
        }
        return chunk;
      }
      if (this.#ending?.kind === "error") throw this.#ending.error;
      if (this.#ending?.kind === "end") return undefined;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /**
   * Head and body, the latter as text, once all that was not read yet has come; instead of `head` and `read`, since one promise costs less than
   * many. Rejects when the body broke, but for that of an error: its head is told all the same. Of the body of an error what goes beyond
   * `mostErrorBytes` is left out, and its socket given up.
   */
  whole(mostErrorBytes: number): Promise<WholeReply> {
    return new Promise((resolve, reject) => {
      this.#wholeWaiter = { resolve, reject, mostErrorBytes };
      if (this.#controller?.paused === true) {
        this.#watch.hold(false);
        this.#controller.resume();
      }
      if (this.#ending !== undefined) this.#settleWhole(this.#wholeWaiter, this.#ending);
      else this.#gather(this.#wholeWaiter);
    });
  }

  /** Leaves the rest unread and frees the socket. */
  cancel(): void {
    if (this.#ending === undefined) this.#giveUp(lostInterest());
  }

  /** Leaves the rest unread, but lets the little that may still come pass, so that the socket can be used again. */
  drain(): void {
    if (this.#hasEnded) return;
    this.#drainedBytes = 0;
    this.#chunks = [];
    if (this.#controller?.paused === true) this.#controller.resume();
    this.#watch.hold(false);
    this.expectEndWithin(DRAIN_MS);
  }

  readonly #onAbort = (): void => {
    this.#chunks = [];
    this.#giveUp(this.#options.signal?.reason as Error);
  };

  #giveUp(error: Error): void {
    this.#watch.stop();
    this.#end({ kind: "error", error });
    this.#controller?.abort(error);
  }

  #end(how: Ending): void {
    if (this.#ending !== undefined) return;
    this.#ending = how;
    if (how.kind === "error") this.#headWaiter?.reject(how.error);
    if (this.#wholeWaiter !== undefined) this.#settleWhole(this.#wholeWaiter, how);
    this.#notify();
  }

  #gather({ mostErrorBytes }: WholeWaiter): void {
    const { status = 0 } = this.#head ?? {};
    if (status < FIRST_ERROR_STATUS || this.#unreadBytes <= mostErrorBytes) return;
    this.#end({ kind: "end" });
    this.#watch.stop();
    this.#controller?.abort(lostInterest());
  }

  #settleWhole({ resolve, reject }: WholeWaiter, how: Ending): void {
    const head = this.#head;
    if (how.kind === "end" && head !== undefined) resolve({ head, text: textOf(this.#chunks) });
    else if (how.kind === "error" && !this.#isErrorTold()) reject(how.error);
    else if (head !== undefined) resolve({ head, text: "" });
  }

  /** Whether the status says what is wrong, however its body ended; not that of who was called off. */
  #isErrorTold(): boolean {
    return (this.#head?.status ?? 0) >= FIRST_ERROR_STATUS && this.#options.signal?.aborted !== true;
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  #release(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#watch.stop();
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    this.#options.onEnd();
  }
}

interface WholeWaiter {
  readonly resolve: (reply: WholeReply) => void;
  readonly reject: (error: Error) => void;
  readonly mostErrorBytes: number;
}

function textOf(chunks: readonly Uint8Array[]): string {
  const [first] = chunks;
  if (first === undefined) return "";
  if (chunks.length > 1) return Buffer.concat(chunks).toString("utf8");
  return Buffer.from(first.buffer, first.byteOffset, first.length).toString("utf8");
}

function lostInterest(): DOMException {
  return new DOMException("the reader lost interest", "AbortError");
}
