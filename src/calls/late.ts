/** A function whose code is loaded when it is called for the first time. */
export function late<A extends readonly unknown[], R>(
  load: () => Promise<(...args: A) => Promise<R>>,
): (...args: A) => Promise<R> {
  let loading: Promise<(...args: A) => Promise<R>> | undefined;
  return async (...args) => await (await (loading ??= load()))(...args);
}
