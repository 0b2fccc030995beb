import { MillraceError } from "../../core/errors.ts";
import { isFrozenForShow, isPlainOrList, seal } from "./seal.ts";

/** How a kept value is guarded from whoever got it. */
export type MutationMode = "freeze" | "clone" | "share";

/** Values that were sealed to the last leaf: they may be handed out as they are. Weak: it keeps nothing alive. */
const sealed = new WeakSet();

/**
 * Gives what may be kept, and what may be handed out: call it once before a value goes into memory and again for each caller who gets it.
 *
 * - `freeze` freezes plain objects and lists in place, to the last leaf, and makes maps, sets and dates refuse changes, also in place;
 *   afterwards the same value is given to all, at the cost of one look-up. Bytes and errors cannot be frozen: a value with such a part is
 *   copied for every caller.
 * - `clone` gives a deep copy every time.
 * - `share` gives the value itself.
 *
 * Instances of classes and functions are neither frozen nor copied. Throws INPUT_INVALID for a value of many thousand levels.
 */
export function protect<V>(value: V, mode: MutationMode): V {
  if (typeof value !== "object" || value === null || mode === "share") return value;
  try {
    return guard(value, mode);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new MillraceError("INPUT_INVALID", "A value for the cache lies too deep in itself to be walked through.", {
      cause: error,
      advice: 'Keep flatter data, such as a list in place of a chain, or say mutation: "share".',
    });
  }
}

function guard<V extends object>(value: V, mode: Exclude<MutationMode, "share">): V {
  if (mode === "clone") return clone(value);
  if (sealed.has(value)) return value;
  if (!isSealable(value, new Set())) return clone(value);
  seal(value, new Set());
  sealed.add(value);
  return value;
}

/** Whether a value that `protect` gave may go to all as it is: whoever remembers that need not call it for each of them. */
export function isShareable(value: unknown, mode: MutationMode): boolean {
  return typeof value !== "object" || value === null || mode === "share" || (mode === "freeze" && sealed.has(value));
}

/** False: it has bytes, an error, or a map that somebody froze to no effect. */
function isSealable(value: unknown, seen: Set<object>): boolean {
  if (typeof value !== "object" || value === null || seen.has(value)) return true;
  seen.add(value);
  if (isBytes(value) || value instanceof Error || isFrozenForShow(value)) return false;
  if (value instanceof Map) return [...value].every((pair) => pair.every((part) => isSealable(part, seen)));
  if (value instanceof Set) return [...value].every((part) => isSealable(part, seen));
  if (!isPlainOrList(value)) return true;
  return Object.values(value).every((part) => isSealable(part, seen));
}

function clone<V>(value: V, copies = new Map<object, unknown>()): V {
  if (typeof value !== "object" || value === null) return value;
  const known = copies.get(value);
  if (known !== undefined) return known as V;
  const copy = cloneObject(value, copies);
  return copy as V;
}

function cloneObject(value: object, copies: Map<object, unknown>): unknown {
  const keep = <T>(copy: T): T => {
    copies.set(value, copy);
    return copy;
  };
  if (isBytes(value)) return keep(cloneBytes(value, copies));
  if (value instanceof Date) return keep(new Date(value.getTime()));
  if (value instanceof Map) {
    const copy = keep(new Map<unknown, unknown>());
    for (const [key, entry] of value) copy.set(clone(key, copies), clone(entry, copies));
    return copy;
  }
  if (value instanceof Set) {
    const copy = keep(new Set<unknown>());
    for (const entry of value) copy.add(clone(entry, copies));
    return copy;
  }
  if (value instanceof Error) return cloneError(value, keep, copies);
  if (!isPlainOrList(value)) return value;
  const copy = keep(
    Array.isArray(value) ? new Array<unknown>(value.length) : Object.create(Object.getPrototypeOf(value)),
  );
  for (const key of Object.keys(value)) {
    const part = clone((value as Record<string, unknown>)[key], copies);
    if (key === "__proto__") Object.defineProperty(copy, key, { value: part, ...OPEN });
    else (copy as Record<string, unknown>)[key] = part;
  }
  return copy;
}

const OPEN = { writable: true, enumerable: true, configurable: true } as const;

/** Of the same class, without running its constructor; the internal mark of an error is lost only to `Error.isError`. */
function cloneError(error: Error, keep: <T>(copy: T) => T, copies: Map<object, unknown>): Error {
  if (error instanceof DOMException) return error;
  const copy = keep(new Error(error.message));
  Object.setPrototypeOf(copy, Object.getPrototypeOf(error) as object);
  for (const key of Object.getOwnPropertyNames(error)) {
    const part = clone((error as unknown as Record<string, unknown>)[key], copies);
    const isEnumerable = Object.prototype.propertyIsEnumerable.call(error, key);
    Object.defineProperty(copy, key, { ...OPEN, value: part, enumerable: isEnumerable });
  }
  return copy;
}

function isBytes(value: object): value is ArrayBufferLike | ArrayBufferView {
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer || value instanceof SharedArrayBuffer;
}

function cloneBytes(value: ArrayBufferLike | ArrayBufferView, copies: Map<object, unknown>): unknown {
  if (Buffer.isBuffer(value)) return Buffer.copyBytesFrom(value);
  if (!ArrayBuffer.isView(value)) return value.slice(0);
  if (value instanceof DataView) return new DataView(clone(value.buffer, copies), value.byteOffset, value.byteLength);
  return (value as Uint8Array).slice();
}
