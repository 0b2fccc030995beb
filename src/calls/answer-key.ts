import { hash } from "node:crypto";

/** Names the answers of one shape, by model; the last name is remembered, since one call asks for it again and again. */
export function answerKeys(shape: string): (model: string) => string {
  let model: string | undefined;
  let key = "";
  return (asked) => {
    if (asked !== model) [model, key] = [asked, answerKey(asked, shape)];
    return key;
  };
}

/**
 * Names an answer in the cache: `answers:PROVIDER/MODEL/HASH`, where the hash covers everything that shapes the answer, as text. So the patterns
 * `answers:*` and `answers:anthropic/claude-*` reach all answers, or those of some models. A colon in a model's name is written `%3A`, since
 * colons part the segments of a key.
 */
export function answerKey(model: string, shape: string): string {
  return `answers:${segmentOf(model)}/${hash("sha256", shape).slice(0, 32)}`;
}

function segmentOf(model: string): string {
  return model.replaceAll("%", "%25").replaceAll(":", "%3A").replaceAll("*", "%2A");
}
