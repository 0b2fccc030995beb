import { type ConfigValue, isObject } from "./automation-config.ts";

/**
 * Seconds of a duration as Home Assistant reads it: a number of seconds, `HH:MM` (hours and minutes, not minutes and seconds), `HH:MM:SS`,
 * or an object of days, hours, minutes, seconds and milliseconds. Undefined for a template and for anything else.
 */
export function toSeconds(value: ConfigValue | undefined): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value === "string") return secondsOfText(value.trim());
  if (!isObject(value)) return undefined;
  const units = { days: 86_400, hours: 3_600, minutes: 60, seconds: 1, milliseconds: 0.001 };
  let sum = 0;
  for (const [unit, amount] of Object.entries(value)) {
    const factor = units[unit as keyof typeof units] as number | undefined;
    const count = typeof amount === "number" ? amount : Number.NaN;
    if (factor === undefined || Number.isNaN(count)) return undefined;
    sum += count * factor;
  }
  return sum;
}

function secondsOfText(text: string): number | undefined {
  if (/^-?\d+(?:\.\d+)?$/.test(text)) return Number(text);
  const [, sign, hours, minutes, seconds = "0"] = /^([+-]?)(\d+):(\d{1,2})(?::(\d{1,2}(?:\.\d+)?))?$/.exec(text) ?? [];
  if (hours === undefined || minutes === undefined) return undefined;
  const total = Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds);
  return sign === "-" ? -total : total;
}
