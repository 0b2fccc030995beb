import type { Clock, Timer } from "../../core/clock.ts";

/** A path that is to be looked at. */
export interface DirtyPath {
  readonly path: string;
  /** What was found at the last look, and when it was first found so; undefined before the first look. */
  readonly seen?: { readonly stat: string; readonly at: number };
}

/** Paths that are to be looked at, each at its time. */
export interface DirtyPaths {
  readonly size: number;
  /** Puts a path off until `ms` from now. What was seen of it stays unless it is given anew. */
  add(dirty: DirtyPath, ms: number): void;
  /** Takes paths that are due, the first that came first. */
  takeDue(limit: number): readonly DirtyPath[];
  /** Sets the alarm for the next one that is due; `onDue` is called at once when there is one. */
  arm(): void;
  close(): void;
}

export function createDirtyPaths({ clock, onDue }: { readonly clock: Clock; readonly onDue: () => void }): DirtyPaths {
  const entries = new Map<string, { readonly dirty: DirtyPath; readonly dueAt: number }>();
  let alarm: { readonly timer: Timer; readonly at: number } | undefined;

  function setAlarm(at: number): void {
    if (alarm !== undefined && alarm.at <= at) return;
    alarm?.timer.cancel();
    const timer = clock.after(Math.max(0, at - clock.monotonic()), () => {
      alarm = undefined;
      onDue();
    });
    alarm = { timer, at };
  }

  return {
    get size() {
      return entries.size;
    },
    add(dirty, ms) {
      const dueAt = clock.monotonic() + ms;
      const seen = dirty.seen ?? entries.get(dirty.path)?.dirty.seen;
      entries.set(dirty.path, { dirty: { path: dirty.path, ...(seen && { seen }) }, dueAt });
      setAlarm(dueAt);
    },
    takeDue(limit) {
      // An alarm may ring a part of a millisecond early.
      const now = clock.monotonic() + 1;
      const due: DirtyPath[] = [];
      for (const { dirty, dueAt } of entries.values()) {
        if (dueAt <= now) due.push(dirty);
        if (due.length === limit) break;
      }
      for (const { path } of due) entries.delete(path);
      return due;
    },
    arm() {
      let first = Infinity;
      for (const { dueAt } of entries.values()) first = Math.min(first, dueAt);
      if (first < Infinity) setAlarm(first);
    },
    close() {
      alarm?.timer.cancel();
      entries.clear();
    },
  };
}
