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
  /** Resolves with the headers. */
  readonly head: Promise<ReplyHead>;
  readonly #options: ExchangeOptions;
  readonly #watch: Watch;
  readonly #resolveHead: (head: ReplyHead) => void;
  readonly #rejectHead: (error: Error) => void;
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
    const head = Promise.withResolvers<ReplyHead>();
    this.head = head.promise;
    this.#resolveHead = head.resolve;
    this.#rejectHead = head.reject;
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
    if (status >= 300) this.began();
    this.#resolveHead({ status, statusText, headers });
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
    this.#rejectHead(error);
    this.#end({ kind: "error", error });
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

  /** The whole body as text. What goes beyond `maxBytes` is left out, and its socket given up. */
  async text(maxBytes = Number.POSITIVE_INFINITY): Promise<string> {
    const first = await this.read();
    if (first === undefined) return "";
    const pieces = [first];
    let bytes = first.length;
    for (let piece = await this.read(); piece !== undefined; piece = await this.read()) {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes <= maxBytes) continue;
      this.cancel();
      break;
    }
    return Buffer.concat(pieces).toString("utf8");
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
    this.#rejectHead(error);
    this.#end({ kind: "error", error });
    this.#controller?.abort(error);
  }

  #end(how: Ending): void {
    this.#ending ??= how;
    this.#notify();
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

function lostInterest(): DOMException {
  return new DOMException("the reader lost interest", "AbortError");
}
