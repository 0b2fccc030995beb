import type { Json } from "../core/json.ts";

/**
 * What a value is after it was stored as JSON and read back: a Date is a text, a Map cannot be stored at all. A step gives this form at
 * its first run too, so that nothing can differ after a crash. `unknown` becomes `Json`, `any` stays `any`.
 */
export type Stored<T> = 0 extends 1 & T
  ? T
  : unknown extends T
    ? Json
    : T extends Json
      ? T
      : T extends { toJSON(): infer R }
        ? Stored<R>
        : T extends undefined | void
          ? null
          : T extends
                | ((...args: never[]) => unknown)
                | ReadonlyMap<unknown, unknown>
                | ReadonlySet<unknown>
                | PromiseLike<unknown>
                | bigint
                | symbol
            ? never
            : T extends readonly unknown[]
              ? { [K in keyof T]: Stored<T[K]> }
              : T extends object
                ? { [K in keyof T]: StoredField<T, K> }
                : never;

/** JSON leaves a field out that is undefined: read back it is missing, not null. */
type StoredField<T, K extends keyof T> =
  Partial<Pick<T, K>> extends Pick<T, K> ? Stored<Exclude<T[K], undefined>> : StoredOrUndefined<T[K]>;
type StoredOrUndefined<T> = T extends undefined ? undefined : Stored<T>;
