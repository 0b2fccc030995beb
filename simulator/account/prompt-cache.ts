import { createHash } from "node:crypto";
import { CHARACTERS_PER_TOKEN, tokensOfLength } from "../answer/tokens.ts";
import type { Prompt, PromptBlock } from "../question.ts";
import type { Usage } from "./usage.ts";

/** What of a prompt was cached, and how much it has in all. */
export interface CacheFinding {
  readonly promptTokens: number;
  readonly readTokens: number;
  /** Keeps what is written: call it when the answer begins, since no entry exists before. */
  readonly commit: (now: number) => void;
  /** What an answer to this prompt uses. */
  readonly usage: (written: Pick<Usage, "outputTokens" | "reasoningTokens">) => Usage;
}

/** The providers' prompt cache. At most 100,000 prefixes are kept; the one that was used longest ago goes first. */
export interface PromptCache {
  /** Looks up a prompt. `scope` keeps organisations and models apart. */
  find(prompt: Prompt, scope: string, now: number): CacheFinding;
  reset(): void;
}

const MOST_ENTRIES = 100_000;
const TTL_MS = { "5m": 5 * 60_000, "1h": 60 * 60_000 } as const;
/** How many blocks a breakpoint looks back. */
const LOOK_BACK = 20;
/** OpenAI's lane caches so many tokens at least, and counts in such steps. */
const FIRST_STEP_TOKENS = 1_024;
const STEP_TOKENS = 128;

export function createPromptCache({ minimumTokens }: { readonly minimumTokens: number }): PromptCache {
  /** Until when each prefix is kept, by its hash. */
  const kept = new Map<string, number>();

  function isKept(key: string, now: number): boolean {
    return (kept.get(key) ?? 0) > now;
  }
  function keep(key: string, until: number): void {
    const longest = Math.max(until, kept.get(key) ?? 0);
    kept.delete(key);
    kept.set(key, longest);
    const [oldest] = kept.keys();
    if (kept.size > MOST_ENTRIES && oldest !== undefined) kept.delete(oldest);
  }

  function findBreakpoints({ blocks }: Prompt, scope: string, now: number): CacheFinding {
    const prefixes = prefixesOf(blocks, scope);
    const promptTokens = prefixes.at(-1)?.tokens ?? 0;
    const points = prefixes.filter(({ ttl, tokens }) => ttl !== undefined && tokens >= minimumTokens);
    const last = points.at(-1);
    const hit = points
      .toReversed()
      .flatMap(({ index }) => prefixes.slice(Math.max(0, index - LOOK_BACK), index + 1).toReversed())
      .find(({ key, tokens }) => tokens >= minimumTokens && isKept(key, now));
    const readTokens = hit?.tokens ?? 0;
    let from = readTokens;
    const written = { "5m": 0, "1h": 0 };
    for (const { ttl, tokens } of points) {
      if (ttl === undefined || tokens <= from) continue;
      written[ttl] += tokens - from;
      from = tokens;
    }
    return {
      ...amounts(promptTokens, { read: readTokens, write5m: written["5m"], write1h: written["1h"] }),
      commit(at) {
        // A hit refreshes its entry for as long as the breakpoint says that found it.
        if (hit !== undefined && last?.ttl !== undefined) keep(hit.key, at + TTL_MS[hit.ttl ?? last.ttl]);
        for (const { key, ttl } of points) if (ttl !== undefined) keep(key, at + TTL_MS[ttl]);
      },
    };
  }

  function findPrefix({ blocks, caching }: Prompt, scope: string, now: number): CacheFinding {
    const text = blocks.map((block) => block.text).join("\n");
    const { key, ttlMs } = caching.kind === "prefix" ? caching : { key: "", ttlMs: 0 };
    const steps = stepsOf(text, `${scope}\n${key}`);
    const hit = steps.findLast((step) => isKept(step.key, now));
    return {
      ...amounts(tokensOfLength(text.length), { read: hit?.tokens ?? 0, write5m: 0, write1h: 0 }),
      commit(at) {
        for (const step of steps) keep(step.key, at + ttlMs);
      },
    };
  }

  return {
    find: (prompt, scope, now) =>
      prompt.caching.kind === "prefix" ? findPrefix(prompt, scope, now) : findBreakpoints(prompt, scope, now),
    reset: () => kept.clear(),
  };
}

interface Parts {
  readonly read: number;
  readonly write5m: number;
  readonly write1h: number;
}

function amounts(promptTokens: number, { read, write5m, write1h }: Parts): Omit<CacheFinding, "commit"> {
  return {
    promptTokens,
    readTokens: read,
    usage: ({ outputTokens, reasoningTokens }) => ({
      inputTokens: promptTokens - read - write5m - write1h,
      cacheReadTokens: read,
      cacheWrite5mTokens: write5m,
      cacheWrite1hTokens: write1h,
      outputTokens,
      reasoningTokens,
    }),
  };
}

interface Prefix {
  readonly index: number;
  readonly key: string;
  readonly tokens: number;
  readonly ttl: PromptBlock["ttl"];
}

/** Names the prompt up to each of its blocks. */
function prefixesOf(blocks: readonly PromptBlock[], scope: string): readonly Prefix[] {
  let key = scope;
  let characters = 0;
  return blocks.map(({ text, ttl }, index) => {
    // The line break between two blocks counts, as it does where a prompt is counted without a cache.
    characters += text.length + (index === 0 ? 0 : 1);
    key = createHash("sha256").update(key).update(text).digest("base64");
    return { index, key, tokens: tokensOfLength(characters), ttl };
  });
}

/** Names the whole steps that a text holds. */
function stepsOf(text: string, scope: string): readonly { readonly key: string; readonly tokens: number }[] {
  const steps: { readonly key: string; readonly tokens: number }[] = [];
  let key = scope;
  let from = 0;
  for (let tokens = FIRST_STEP_TOKENS; tokens * CHARACTERS_PER_TOKEN <= text.length; tokens += STEP_TOKENS) {
    const to = tokens * CHARACTERS_PER_TOKEN;
    key = createHash("sha256").update(key).update(text.slice(from, to)).digest("base64");
    steps.push({ key, tokens });
    from = to;
  }
  return steps;
}

/** Counts a prompt, cached or not. */
export function countPrompt({ blocks }: Prompt): number {
  const characters = blocks.reduce((sum, { text }) => sum + text.length, 0);
  return tokensOfLength(characters + Math.max(0, blocks.length - 1));
}
