import assert from "node:assert/strict";
import type { ManualClock } from "../../core/manual-clock.ts";
import type { Cached, CacheOptions } from "../cache.ts";

/** What the model's factories make. */
export interface Value {
  readonly key: string;
  readonly id: number;
  readonly text: string;
}

/** What they throw. */
class NotThere extends Error {
  readonly id: number;

  constructor(id: number, message: string) {
    super(message);
    this.id = id;
  }
}

/** Durations in milliseconds. */
export interface ModelPolicy {
  readonly ttl: number;
  readonly staleWhileRevalidate: number;
  readonly staleIfError: number;
  readonly negativeTtl: number;
}

/** Someone asked for a key. */
export interface Asked {
  readonly key: string;
  /** When, in the order of everything that happened. */
  readonly at: number;
  readonly epoch: number;
}

/** All that is known of one value, or of one error. */
interface Fact {
  readonly id: number;
  readonly key: string;
  readonly outcome: "value" | "large" | "fails" | "none";
  /** In the order of everything: when whoever brought it asked; its flight began then or, after an invalidation, later. */
  readonly askedAt: number;
  /** In the order of everything: when its factory began, or it was set. */
  readonly begunAt: number;
  readonly epoch: number;
  readonly signal: AbortSignal | undefined;
  /** In the order of everything; undefined while its factory runs. */
  endedAt: number | undefined;
  /** By the clock. */
  madeAtMs: number;
}

interface Invalidated {
  readonly mode: "expire" | "evict";
  readonly at: number;
  readonly reaches: (key: string) => boolean;
}

const NEVER = Infinity;

/**
 * What a cache may serve, said simply: every value that was ever made, and what happened since. A cache may always have less, except for
 * what was just set; what it gives must pass. The order of everything is a counter, so the clock may jump both ways.
 */
export class CacheModel {
  readonly #clock: ManualClock;
  readonly #policy: ModelPolicy;
  readonly #prefix: string;
  readonly #remembersInvalidations: boolean;
  readonly #facts = new Map<number, Fact>();
  /** By key: the last that is known to have been stored; nothing older may come back. */
  readonly #last = new Map<string, Fact>();
  /** The same for what has certainly reached a level that outlives a crash. */
  readonly #flushed = new Map<string, Fact>();
  /** By key: when it was last set. */
  readonly #setAt = new Map<string, number>();
  #invalidations: readonly Invalidated[] = [];
  #linked: readonly string[] = [];
  #flushedAt = 0;
  #order = 0;
  #epoch = 0;

  constructor(options: {
    readonly clock: ManualClock;
    readonly policy: ModelPolicy;
    readonly prefix: string;
    /** Whether invalidations outlive a crash. */
    readonly remembersInvalidations: boolean;
  }) {
    this.#clock = options.clock;
    this.#policy = options.policy;
    this.#prefix = options.prefix;
    this.#remembersInvalidations = options.remembersInvalidations;
  }

  /** A tag that others can be linked to. */
  get root(): string {
    return `${this.#prefix}-root`;
  }

  name(key: string): string {
    return `${this.#prefix}:${key}`;
  }

  tag(key: string): string {
    return `${this.#prefix}-${key.slice(0, 1)}`;
  }

  options(key: string): CacheOptions {
    return {
      ...this.#policy,
      jitter: 0,
      tags: [this.tag(key)],
      isNegative: (error) => error instanceof NotThere && error.message === "none",
    };
  }

  ask(key: string): Asked {
    return { key: this.name(key), at: ++this.#order, epoch: this.#epoch };
  }

  /** A factory starts: no other one of the key may be running, unless something changed since the earlier was asked for, or nobody wants it. */
  begin({ key, at, epoch }: Asked, outcome: Fact["outcome"], signal: AbortSignal): Fact {
    for (const other of this.#facts.values()) {
      if (other.key !== key || other.endedAt !== undefined || other.epoch !== epoch) continue;
      const earlier = Math.min(at, other.askedAt);
      if (other.signal?.aborted === true || this.#isChangedSince({ key, askedAt: earlier })) continue;
      assert.fail(`${key}: two factories at once`);
    }
    return this.#add({ key, outcome, askedAt: at, begunAt: ++this.#order, epoch, signal, endedAt: undefined });
  }

  /** It ends: gives or throws what it made. */
  end(fact: Fact): Value {
    fact.endedAt = ++this.#order;
    fact.madeAtMs = this.#clock.now();
    if (fact.outcome === "fails" || fact.outcome === "none") throw new NotThere(fact.id, fact.outcome);
    if (!this.#isChangedSince(fact) && fact.signal?.aborted !== true && fact.epoch === this.#epoch)
      this.#last.set(fact.key, fact);
    return toValue(fact);
  }

  set(name: string, isLarge: boolean): Value {
    const key = this.name(name);
    const at = ++this.#order;
    const outcome = isLarge ? "large" : "value";
    const fact = this.#add({
      key,
      outcome,
      askedAt: at,
      begunAt: at,
      epoch: this.#epoch,
      signal: undefined,
      endedAt: at,
    });
    this.#setAt.set(key, at);
    this.#last.set(key, fact);
    return toValue(fact);
  }

  invalidate(mode: "expire" | "evict", { by, key }: { readonly by: string; readonly key: string }): void {
    const space = `${this.name(key.slice(0, 1))}:`;
    const linked = this.#linked;
    const reaches = (name: string): boolean => {
      if (by === "key") return name === this.name(key);
      return by === "root" ? linked.some((each) => name.startsWith(each)) : name.startsWith(space);
    };
    this.#invalidations = [...this.#invalidations, { mode, at: ++this.#order, reaches }];
  }

  clear(): void {
    this.#invalidations = [...this.#invalidations, { mode: "evict", at: ++this.#order, reaches: () => true }];
  }

  link(key: string): void {
    this.#linked = [...this.#linked, `${this.name(key.slice(0, 1))}:`];
  }

  flush(): void {
    this.#flushedAt = ++this.#order;
    for (const [key, fact] of this.#last) this.#flushed.set(key, fact);
  }

  jump(ms: number): void {
    this.#clock.jump(ms);
  }

  /** The process is gone: with it what was in memory and what was on its way, and where nobody else keeps them, its invalidations. */
  crash(): void {
    this.#epoch++;
    this.#last.clear();
    for (const [key, fact] of this.#flushed) this.#last.set(key, fact);
    if (this.#remembersInvalidations) return;
    this.#linked = [];
    // What was removed below stays removed.
    this.#invalidations = this.#invalidations.filter(({ mode, at }) => mode === "evict" && at < this.#flushedAt);
  }

  checkPeek(asked: Asked, value: Value | undefined): void {
    if (value !== undefined) this.#requireFresh(asked, this.#factOf(asked, value));
  }

  checkGet(asked: Asked, got: Cached<Value> | undefined): void {
    if (got === undefined) return;
    const fact = this.#factOf(asked, got.value);
    if (got.isStale) this.#requireWithinGrace(fact);
    else this.#requireFresh(asked, fact);
  }

  checkFetch(asked: Asked, got: Cached<Value>): void {
    // Of a process that is gone nobody hears.
    if (asked.epoch !== this.#epoch) return;
    const fact = this.#factOf(asked, got.value);
    if (got.isStale) this.#requireWithinGrace(fact);
    else if (got.source === "memory" || got.source === "database" || got.source === "files")
      this.#requireFresh(asked, fact);
    else assert.ok(fact.endedAt !== undefined && fact.endedAt > asked.at, "it says that it is new, and is not");
  }

  /** An error that comes from no run since it was asked for must have been kept, and not for too long. */
  checkError(asked: Asked, error: unknown): void {
    if (asked.epoch !== this.#epoch) return;
    // A level below memory gives an error back with its fields, and not with its class.
    const fact = error instanceof Error && "id" in error ? this.#facts.get(Number(error.id)) : undefined;
    if (fact === undefined) throw error;
    assert.equal(fact.key, asked.key, "an error of another key");
    if (fact.endedAt !== undefined && fact.endedAt > asked.at) return;
    assert.equal(fact.outcome, "none", "an error was kept that nobody wanted kept");
    assert.ok(this.#invalidatedAt(fact.key, fact.begunAt) > asked.at, "a kept error outlived an invalidation");
    assert.ok(this.#clock.now() < fact.madeAtMs + this.#policy.negativeTtl, "an error was kept too long");
  }

  #add(known: Pick<Fact, "key" | "outcome" | "askedAt" | "begunAt" | "epoch" | "signal" | "endedAt">): Fact {
    const id = this.#facts.size + 1;
    const fact = { ...known, id, madeAtMs: this.#clock.now() };
    this.#facts.set(id, fact);
    return fact;
  }

  /** When the first invalidation reached the key after a moment. */
  #invalidatedAt(key: string, after: number, mode?: "evict"): number {
    const first = this.#invalidations.find(
      (each) => each.at > after && (mode === undefined || each.mode === mode) && each.reaches(key),
    );
    return first?.at ?? NEVER;
  }

  /** Whether later callers may want another one. */
  #isChangedSince({ key, askedAt }: Pick<Fact, "key" | "askedAt">): boolean {
    return (this.#setAt.get(key) ?? 0) > askedAt || this.#invalidatedAt(key, askedAt) < NEVER;
  }

  #factOf(asked: Asked, value: Value): Fact {
    const fact = this.#facts.get(value.id);
    assert.ok(fact !== undefined && fact.key === asked.key && value.key === asked.key, "the value of another key");
    assert.deepEqual(value, toValue(fact), "a value that nobody made");
    assert.ok(this.#invalidatedAt(fact.key, fact.begunAt, "evict") > asked.at, "an evicted value came back");
    const last = this.#last.get(asked.key);
    if (last?.endedAt !== undefined && last.endedAt < asked.at)
      assert.ok(fact.begunAt >= last.begunAt, `an older value came back: ${fact.id} after ${last.id}`);
    return fact;
  }

  #requireFresh(asked: Asked, fact: Fact): void {
    assert.ok(this.#invalidatedAt(fact.key, fact.begunAt) > asked.at, "expired, and not marked");
    assert.ok(this.#clock.now() < fact.madeAtMs + this.#policy.ttl, "past its TTL, and not marked");
  }

  #requireWithinGrace(fact: Fact): void {
    const { ttl, staleWhileRevalidate, staleIfError } = this.#policy;
    const graceMs = Math.max(staleWhileRevalidate, staleIfError);
    assert.ok(this.#clock.now() < fact.madeAtMs + ttl + graceMs, "stale past its grace");
  }
}

function toValue({ key, id, outcome }: Fact): Value {
  return { key, id, text: outcome === "large" ? "text of some length ".repeat(40) : "" };
}
