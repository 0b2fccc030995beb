import { redactText } from "../core/log.ts";
import type { ModelsConfig } from "../model/config.ts";

/** Longest text of a provider that is passed on in an error. */
const LONGEST_DETAIL = 300;

/** Local servers take any key, so there are some of a letter: they hide nothing, and hiding them would leave no word whole. */
const SHORTEST_KEY = 4;

/** Makes what a provider said fit for an error or a log: no key, nothing that looks like one, one line, not long. */
export function createRedactor({ providers }: ModelsConfig): (text: string) => string {
  const keys = Object.values(providers).flatMap(({ apiKey }) =>
    apiKey === undefined || apiKey.length < SHORTEST_KEY ? [] : [apiKey],
  );
  return (text) => {
    const clean = keys.reduce((left, key) => left.replaceAll(key, "[redacted]"), text);
    const line = redactText(clean).replaceAll(/\s+/g, " ").trim();
    return line.length > LONGEST_DETAIL ? `${line.slice(0, LONGEST_DETAIL)}…` : line;
  };
}
