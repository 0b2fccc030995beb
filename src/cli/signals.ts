export interface Signals {
  readonly signal: AbortSignal;
  /** The signal that came; undefined until one does. */
  readonly received: () => NodeJS.Signals | undefined;
}

/** Watches for SIGINT and SIGTERM: the first aborts, so that everything can close in order; the second ends the process at once. */
export function watchSignals(): Signals {
  const stop = new AbortController();
  let received: NodeJS.Signals | undefined;
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => {
      if (received !== undefined) process.exit(name === "SIGTERM" ? 143 : 130);
      received = name;
      stop.abort();
    });
  }
  return { signal: stop.signal, received: () => received };
}

/** Resolves when the signal fires. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    // An abort listener alone does not keep the process alive; the server or the store does.
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
