import { now } from "../data/now.ts";
import { formatInstant, relativeTime } from "../format/time.ts";

/** A point in time, said relative to the present; the exact time is in its tooltip. `at` is ISO 8601. */
export function Ago({ at }: { readonly at: string }) {
  const instant = Date.parse(at);
  return (
    <time dateTime={at} title={formatInstant(instant, { now: now.value })}>
      {relativeTime(instant, now.value)}
    </time>
  );
}

/** A point in time with its date. `timezone`: where it is not the reader's. */
export function Instant({ at, timezone }: { readonly at: string; readonly timezone?: string }) {
  const zone = timezone === undefined ? {} : { timezone };
  return <time dateTime={at}>{formatInstant(Date.parse(at), { now: now.value, ...zone })}</time>;
}
