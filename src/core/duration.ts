import { MillraceError } from "./errors.ts";

/** A length of time: milliseconds, or a number with a unit (`500ms`, `2s`, `5m`, `1.5h`, `7d`). */
export type Duration = number | string;

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const PATTERN = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/** Converts a duration to milliseconds. Throws INPUT_INVALID, naming the bad value. */
export function toMs(duration: Duration): number {
  if (typeof duration === "number" && Number.isFinite(duration) && duration >= 0) return duration;
  const match = typeof duration === "string" ? PATTERN.exec(duration.trim()) : null;
  if (match?.[1] === undefined) {
    throw new MillraceError("INPUT_INVALID", `"${duration}" is not a duration.`, {
      facts: { duration },
      advice: "Write milliseconds as a number, or a number with ms, s, m, h or d, for example 2s.",
    });
  }
  return Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
}
