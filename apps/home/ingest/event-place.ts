import { resolve } from "node:path";

/** Where events are read from: the absolute path of a file, or the address of a database. */
export type EventPlace = string;

const ADDRESS = /^[a-z][a-z0-9+.-]*:\/\//i;
const POSTGRES = /^postgres(?:ql)?:\/\//i;
const MARIADB = /^(?:mysql|mariadb)(?:\+[a-z]+)?:\/\//i;

/** Makes the path of a file absolute, counted from the working folder; leaves an address as it is. */
export function toEventPlace(text: string): EventPlace {
  return isAddress(text) ? text : resolve(text);
}

export function isAddress(place: string): boolean {
  return ADDRESS.test(place);
}

/** What is wrong with an address, and what to do; undefined for one that can be read. */
export function mistakeOfAddress(address: string): string | undefined {
  if (MARIADB.test(address)) {
    return "A recorder on MariaDB or MySQL is read through Home Assistant itself: leave events out, and set MILLRACE_HOME_ASSISTANT_URL and MILLRACE_HOME_ASSISTANT_TOKEN";
  }
  if (!POSTGRES.test(address)) return "Only files and addresses that start with postgres:// are read";
  return URL.canParse(address)
    ? undefined
    : "The address cannot be read: write it as postgres://user@host:5432/database";
}

export function hasPassword(address: string): boolean {
  if (!isAddress(address) || !URL.canParse(address)) return false;
  const { password, searchParams } = new URL(address);
  return password !== "" || searchParams.has("password");
}

/** The place as it is shown and remembered. */
export function withoutPassword(place: EventPlace): string {
  if (!isAddress(place) || !URL.canParse(place)) return place.replace(/:\/\/.*@/, "://");
  const url = new URL(place);
  url.password = "";
  url.search = "";
  return url.href;
}
