/** Where each of many names was last invalidated. Bounded; any name that is not known may have been so as late as the newest that was forgotten. */
export interface Latest {
  set(name: string, position: number): void;
  /** 0 for a name that was never set, while nothing was forgotten. */
  position(name: string): number;
  /** The position of the newest that was forgotten; 0 for none. */
  forgotten(): number;
  clear(): void;
}

/** Keeps the `maxNames` that were set last. `onForget` hears of each that goes. */
export function createLatest(maxNames: number, onForget: (name: string) => void = () => undefined): Latest {
  const positions = new Map<string, number>();
  let forgotten = 0;

  return {
    set(name, position) {
      positions.delete(name);
      positions.set(name, position);
      if (positions.size <= maxNames) return;
      for (const [oldest, at] of positions) {
        positions.delete(oldest);
        forgotten = Math.max(forgotten, at);
        onForget(oldest);
        break;
      }
    },
    position: (name) => positions.get(name) ?? forgotten,
    forgotten: () => forgotten,
    clear() {
      positions.clear();
      forgotten = 0;
    },
  };
}
