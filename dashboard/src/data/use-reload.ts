import { effect, type ReadonlySignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

/** Events come in bursts: one reload serves all of those within this time. */
const BURST_MS = 250;

/** Loads again, a moment after the signal has changed. */
export function useReload(
  changed: ReadonlySignal<unknown> | undefined,
  loader: { readonly load: () => Promise<void> },
): void {
  useEffect(() => {
    if (changed === undefined) return undefined;
    let isFirst = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = effect(() => {
      void changed.value;
      if (!isFirst) {
        timer ??= setTimeout(() => {
          timer = undefined;
          void loader.load();
        }, BURST_MS);
      }
      isFirst = false;
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [changed, loader]);
}
