/** Compares by code points: the order of UTF-8 bytes, which SQLite uses, and unlike `<` also right beyond U+FFFF. */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** Surrogates stand for what comes after all other units. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/** The first keys above one, in order. */
export function firstAfter(keys: Iterable<string>, after: string, limit: number): readonly string[] {
  const above: string[] = [];
  for (const key of keys) if (compareKeys(key, after) > 0) above.push(key);
  return above.sort(compareKeys).slice(0, limit);
}
