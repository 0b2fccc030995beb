import { hash } from "node:crypto";
import { canonicalJson } from "../core/json.ts";

/**
 * Names an answer in the cache: `answers:PROVIDER/MODEL/HASH`, where the hash covers everything that shapes the answer. So the patterns
 * `answers:*` and `answers:anthropic/claude-*` reach all answers, or those of some models. A colon in a model's name is written `%3A`, since
 * colons part the segments of a key.
 */
export function answerKey(model: string, shape: unknown): string {
  return `answers:${segmentOf(model)}/${hash("sha256", canonicalJson(shape)).slice(0, 32)}`;
}

function segmentOf(model: string): string {
  return model.replaceAll("%", "%25").replaceAll(":", "%3A").replaceAll("*", "%2A");
}
