import type { Clock } from "../../core/clock.ts";

/**
 * The same object, whose methods that give a promise are timed: `heard` hears of each when it has ended, well or not. The promise that is
 * given is the method's own.
 */
export function timed<T extends object>(
  target: T,
  heard: (method: keyof T & string, ms: number) => void,
  clock: Pick<Clock, "monotonic">,
): T {
  const wrapped = Object.entries(target).map(([name, member]: [string, unknown]) => {
    if (typeof member !== "function") return [name, member];
    const method = (...args: unknown[]): unknown => {
      const startedAt = clock.monotonic();
      const result: unknown = member.apply(target, args);
      if (!(result instanceof Promise)) return result;
      const tell = (): void => heard(name as keyof T & string, clock.monotonic() - startedAt);
      result.then(tell, tell);
      return result;
    };
    return [name, method];
  });
  return Object.fromEntries(wrapped) as T;
}
