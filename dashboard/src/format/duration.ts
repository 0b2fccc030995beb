const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

/** Writes a length of time for people, with at most two units: `840 ms`, `12.4 s`, `3 min 20 s`, `2 h 5 min`, `4 d 1 h`. */
export function formatDuration(ms: number): string {
  const length = Math.max(0, ms);
  if (length < SECOND) return `${Math.round(length)} ms`;
  if (length < MINUTE) return `${oneDecimal(length / SECOND)} s`;
  if (length < HOUR) return twoUnits(Math.round(length / SECOND), 60, "min", "s");
  if (length < DAY) return twoUnits(Math.round(length / MINUTE), 60, "h", "min");
  return twoUnits(Math.round(length / HOUR), 24, "d", "h");
}

/** One decimal, cut rather than rounded, so that 59.96 s never reads "60 s". */
function oneDecimal(value: number): string {
  return String(Math.floor(value * 10) / 10);
}

function twoUnits(count: number, per: number, large: string, small: string): string {
  const rest = count % per;
  const whole = `${Math.floor(count / per)} ${large}`;
  return rest === 0 ? whole : `${whole} ${rest} ${small}`;
}
