import type { Json } from "../core/json.ts";

/**
 * What a value is after it was stored as JSON and read back: a Date is a text, a Map cannot be stored at all. A step gives this form at
 * its first run too, so that nothing can differ after a crash.
 */
export type Stored<T> = T extends Json
  ? T
  : T extends { toJSON(): infer R }
    ? Stored<R>
    : T extends undefined | void
      ? null
      : T extends
            | ((...args: never[]) => unknown)
            | ReadonlyMap<unknown, unknown>
            | ReadonlySet<unknown>
            | bigint
            | symbol
        ? never
        : T extends object
          ? { [K in keyof T]: Stored<T[K]> }
          : never;
