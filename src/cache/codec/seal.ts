const MAP_CHANGERS = ["set", "delete", "clear", "getOrInsert", "getOrInsertComputed"];
const SET_CHANGERS = ["add", "delete", "clear"];
const DATE_CHANGERS = Object.getOwnPropertyNames(Date.prototype).filter((name) => name.startsWith("set"));

/** Freezes plain objects and lists, and makes maps, sets and dates refuse changes as a frozen object would: in place, to the last leaf. */
export function seal(value: unknown, seen: Set<object>): void {
  if (typeof value !== "object" || value === null || seen.has(value)) return;
  seen.add(value);
  if (value instanceof Map) {
    refuse(value, MAP_CHANGERS);
    for (const [key, entry] of value) {
      seal(key, seen);
      seal(entry, seen);
    }
  } else if (value instanceof Set) {
    refuse(value, SET_CHANGERS);
    for (const entry of value) seal(entry, seen);
  } else if (value instanceof Date) {
    refuse(value, DATE_CHANGERS);
  } else if (isPlainOrList(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) seal(part, seen);
  }
}

/** Covers methods by ones that throw; not enumerable, so that the value still equals its like. */
function refuse(value: object, methods: readonly string[]): void {
  if (Object.isFrozen(value)) return;
  for (const method of methods) if (method in value) Object.defineProperty(value, method, { value: throwReadOnly });
  Object.freeze(value);
}

/** Whether a map, set or date was frozen by somebody else: that does not stop changes, and nothing can be added that would. */
export function isFrozenForShow(value: object): boolean {
  if (Object.isExtensible(value)) return false;
  if (value instanceof Map) return !Object.hasOwn(value, "set");
  if (value instanceof Set) return !Object.hasOwn(value, "add");
  return value instanceof Date && !Object.hasOwn(value, "setTime");
}

function throwReadOnly(): never {
  throw new TypeError(
    "This value is shared by everybody who asks the cache for it and cannot be changed: copy it first.",
  );
}

export function isPlainOrList(value: object): boolean {
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
