import type { ModelPart } from "./model.ts";

/** Where parts come from: some at once, as each piece of a stream brings them. */
export interface PartSource {
  /** The next parts; undefined at the end. Not called again after that, nor after it has thrown, nor before it has answered. */
  next(): Promise<readonly ModelPart[] | undefined>;
  /** Nobody wants more, or something broke. Called once at the most, also before the first `next`. */
  leave(): void;
}

/** Gives parts one by one. By hand, since a generator costs three times as much for each of them. */
export class PartStream implements AsyncIterableIterator<ModelPart, undefined, undefined> {
  readonly #source: PartSource;
  #parts: readonly ModelPart[] = [];
  #at = 0;
  #isOver = false;
  /** Settles when the last who asked is answered; undefined while nobody waits. */
  #queue: Promise<void> | undefined;

  constructor(source: PartSource) {
    this.#source = source;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<ModelPart, undefined>> {
    // Whoever asks before the last answer has come waits for it, and is answered then.
    return this.#queue === undefined ? this.#take() : this.#enqueue(this.#queue.then(() => this.#take()));
  }

  async return(): Promise<IteratorResult<ModelPart, undefined>> {
    if (!this.#isOver) {
      this.#end();
      this.#source.leave();
    }
    return DONE;
  }

  #take(): Promise<IteratorResult<ModelPart, undefined>> {
    const part = this.#parts[this.#at];
    if (part === undefined) return this.#enqueue(this.#read());
    this.#at += 1;
    return Promise.resolve({ value: part, done: false });
  }

  #enqueue(reading: Promise<IteratorResult<ModelPart, undefined>>): Promise<IteratorResult<ModelPart, undefined>> {
    const settle = (): void => {
      if (this.#queue === queue) this.#queue = undefined;
    };
    const queue = reading.then(settle, settle);
    this.#queue = queue;
    return reading;
  }

  async #read(): Promise<IteratorResult<ModelPart, undefined>> {
    try {
      while (!this.#isOver) {
        const parts = await this.#source.next();
        if (parts === undefined) this.#end();
        const [first] = parts ?? [];
        if (parts === undefined || first === undefined || this.#isOver) continue;
        this.#parts = parts;
        this.#at = 1;
        return { value: first, done: false };
      }
      return DONE;
    } catch (error) {
      if (!this.#isOver) {
        this.#end();
        this.#source.leave();
      }
      throw error;
    }
  }

  #end(): void {
    this.#isOver = true;
    this.#parts = [];
  }
}

const DONE = { value: undefined, done: true } as const;
