import type { Clock, Database, Log } from "millrace";
import { findHome, type Home, openHome } from "../events/homes.ts";
import { isTimezone } from "../domain/zone.ts";
import type { HomeFacts } from "./home-config.ts";
import { putLink, setZone } from "./link.ts";

export interface OpenLinkedHomeParams {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly name: string;
  readonly url: string;
  readonly facts: HomeFacts;
}

/** Finds the home of a Home Assistant or founds it, and notes what it says about itself. A new time zone is taken over. */
export async function openLinkedHome({ db, clock, log, name, url, facts }: OpenLinkedHomeParams): Promise<Home> {
  const timezone = isTimezone(facts.timezone) ? facts.timezone : "UTC";
  const known = await findHome(db, name);
  if (known !== undefined && known.timezone !== timezone) {
    log.warn({ home: name, before: known.timezone, now: timezone }, "the home's clock moved to another time zone");
    await setZone(db, known.key, timezone);
  }
  const home = await openHome({ db, clock, name, timezone });
  await putLink(db, { home: home.key, url, facts, now: clock.now() });
  return home;
}
