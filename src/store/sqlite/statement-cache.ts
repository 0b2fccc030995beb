/** Keeps what was made last, up to a bound; what was used longest ago goes first. */
export interface StatementCache<Key, Value> {
  get(key: Key, make: () => Value): Value;
}

export interface StatementCacheOptions<Value> {
  /** Default 256. */
  readonly limit?: number;
  readonly onEvict?: (value: Value) => void;
}

export function createStatementCache<Key, Value>({
  limit = 256,
  onEvict = () => undefined,
}: StatementCacheOptions<Value> = {}): StatementCache<Key, Value> {
  const entries = new Map<Key, Value>();
  let newest: Key | undefined;

  return {
    get(key, make) {
      const known = entries.get(key);
      if (known !== undefined) {
        if (key !== newest) {
          entries.delete(key);
          entries.set(key, known);
          newest = key;
        }
        return known;
      }
      const made = make();
      entries.set(key, made);
      newest = key;
      if (entries.size > limit) {
        for (const [oldest, value] of entries) {
          entries.delete(oldest);
          onEvict(value);
          break;
        }
      }
      return made;
    },
  };
}
