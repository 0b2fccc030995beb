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
  if (!isMariadb(address) && !POSTGRES.test(address)) {
    return "Only files and addresses that start with postgres://, mysql:// or mariadb:// are read";
  }
  if (URL.canParse(address) && new URL(address).pathname.length > 1) return undefined;
  const example = isMariadb(address) ? "mariadb://user@host:3306/database" : "postgres://user@host:5432/database";
  return `The address cannot be read: write it as ${example}`;
}

/** Asks whether an address is one of MariaDB or MySQL, as Home Assistant writes them too (mysql+pymysql://). */
export function isMariadb(address: string): boolean {
  return MARIADB.test(address);
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
