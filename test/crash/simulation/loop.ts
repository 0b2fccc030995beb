import type { Clock } from "../../../src/core/clock.ts";
import type { Random } from "../../../src/core/random.ts";

/** So long a call of the store may take, in milliseconds. */
const SLOWEST_MS = 1_000;
/** What a life may take in turns: who asks again and again without a pause never lets time pass. */
const MOST_TURNS = 20_000;

/** Time and order of one world: nothing happens but what this loop lets happen, one thing after the other, chosen by the seed. */
export interface Loop {
  readonly clock: Clock;
  /** Resolves when its turn has come: which of those that stand in line is next is left to chance. */
  turn(): Promise<void>;
  /** Somebody sets the machine's clock. */
  jump(ms: number): void;
  /** Goes on until `isOver`. `late`: so much time has passed first, in milliseconds, or time stands still. `stuck`: nothing would ever happen again. */
  run(isOver: () => boolean, latestMs: number): Promise<"over" | "late" | "stuck">;
}

export interface LoopParams {
  readonly startAt: number;
  readonly random: Random;
  /** How likely it is that time passes though somebody stands in line: 0 for a store that answers at once. */
  readonly delays: number;
}

interface Alarm {
  readonly at: number;
  fire: (() => void) | undefined;
}

export function createLoop({ startAt, random, delays }: LoopParams): Loop {
  let elapsed = 0;
  let offset = startAt;
  const line: (() => void)[] = [];
  /** The earliest at the end; of one instant, the one that was set first. */
  const alarms: Alarm[] = [];

  function setAlarm(ms: number, fire: () => void): Alarm {
    const alarm: Alarm = { at: elapsed + Math.max(0, ms), fire };
    let place = alarms.length;
    while (place > 0 && (alarms[place - 1]?.at ?? 0) <= alarm.at) place -= 1;
    alarms.splice(place, 0, alarm);
    return alarm;
  }

  function takeNext(): boolean {
    // What is due now goes among those in line; and a store is slow, but not for days.
    const wait = nextAt() - elapsed;
    if (line.length === 0 || (wait <= SLOWEST_MS && random.next() < (wait <= 0 ? 0.5 : delays))) return ring();
    const place = Math.floor(random.next() * line.length);
    const chosen = line[place];
    const last = line.pop();
    if (last !== undefined && place < line.length) line[place] = last;
    chosen?.();
    return true;
  }

  /** When the next alarm rings; one that was given up would let time leap to the one behind it. */
  function nextAt(): number {
    while (alarms.length > 0 && alarms.at(-1)?.fire === undefined) alarms.pop();
    return alarms.at(-1)?.at ?? Infinity;
  }

  function ring(): boolean {
    let alarm = alarms.pop();
    while (alarm !== undefined && alarm.fire === undefined) alarm = alarms.pop();
    if (alarm === undefined) return line.length > 0;
    elapsed = alarm.at;
    alarm.fire?.();
    return true;
  }

  return {
    clock: {
      now: () => Math.floor(offset + elapsed),
      recent: () => Math.floor(offset + elapsed),
      monotonic: () => elapsed,
      sleep: (ms, signal) =>
        new Promise((resolve, reject) => {
          if (signal?.aborted === true) {
            reject(signal.reason as Error);
            return;
          }
          const alarm = setAlarm(ms, () => {
            signal?.removeEventListener("abort", giveUp);
            resolve();
          });
          function giveUp(): void {
            alarm.fire = undefined;
            reject(signal?.reason as Error);
          }
          signal?.addEventListener("abort", giveUp, { once: true });
        }),
      after(ms, listener) {
        const alarm = setAlarm(ms, listener);
        return { cancel: () => void (alarm.fire = undefined) };
      },
    },
    turn: () => new Promise((resolve) => line.push(resolve)),
    jump(ms) {
      offset += ms;
    },
    async run(isOver, latestMs) {
      const end = elapsed + latestMs;
      for (let turns = 0; turns < MOST_TURNS; turns++) {
        await settle();
        // What is ready runs to rest before time passes; immediates of the engine may stand behind ours.
        if (line.length === 0) await settle();
        if (isOver()) return "over";
        if (elapsed > end) return "late";
        if (!takeNext()) return "stuck";
      }
      return "late";
    },
  };
}

function settle(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
