/** How a version of Home Assistant wants an automation written. It reads older ways too, but refuses newer ones. */
export interface Dialect {
  /** `triggers`, `conditions`, `actions` as keys of the automation, and `trigger:` in a trigger. */
  readonly hasPluralKeys: boolean;
  /** `action: light.turn_on` instead of `service: light.turn_on`. */
  readonly hasActionKey: boolean;
}

/** By the releases of 2024.8 (the key `action`) and 2024.10 (plural keys). A version that cannot be read counts as an old one, whose way all read. */
export function dialectOf(version: string): Dialect {
  return { hasPluralKeys: isFrom(version, 2024, 10), hasActionKey: isFrom(version, 2024, 8) };
}

function isFrom(version: string, year: number, month: number): boolean {
  const [, y, m] = /^(\d{4})\.(\d{1,2})\b/.exec(version) ?? [];
  if (y === undefined || m === undefined) return false;
  return Number(y) > year || (Number(y) === year && Number(m) >= month);
}
