import type { Clock } from "../core/clock.ts";
import type { ModelPart } from "../model/model.ts";

/** When the content of a stream came, in pairs: milliseconds since its first piece, and how many characters came then. */
export type Pace = readonly number[];

/** Notes when the pieces of a stream come. */
export interface PaceRecorder {
  came(characters: number): void;
  /** Undefined for what came all at once. */
  pace(): Pace | undefined;
}

/** More pieces than that are noted two by two: what is kept stays within 4 KB, however long the stream. */
const MOST_PIECES = 256;

export function createPaceRecorder(clock: Clock): PaceRecorder {
  let pieces: Piece[] = [];
  let firstAt = 0;
  return {
    came(characters) {
      if (characters === 0) return;
      if (pieces.length === 0) firstAt = clock.monotonic();
      const ms = Math.round(clock.monotonic() - firstAt);
      const last = pieces.at(-1);
      if (last?.ms === ms) last.characters += characters;
      else pieces.push({ ms, characters });
      if (pieces.length > MOST_PIECES) pieces = inPairs(pieces);
    },
    pace: () => (pieces.length < 2 ? undefined : pieces.flatMap(({ ms, characters }) => [ms, characters])),
  };
}

interface Piece {
  readonly ms: number;
  characters: number;
}

/** The first stays as it is; of two others the characters of the earlier come with the later. */
function inPairs([first, ...rest]: readonly Piece[]): Piece[] {
  const joined: Piece[] = first === undefined ? [] : [first];
  for (let index = 0; index < rest.length; index += 2) {
    const [earlier, later] = [rest[index], rest[index + 1]];
    if (earlier === undefined) continue;
    joined.push(later === undefined ? earlier : { ms: later.ms, characters: earlier.characters + later.characters });
  }
  return joined;
}

export interface AtPaceOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** From this instant of the monotonic clock on nothing is waited for. */
  readonly until: number;
}

/** Gives the parts of an answer as they once came, deltas cut where they were. Rejects with the signal's reason. */
export async function* atPace(
  parts: readonly ModelPart[],
  pace: Pace,
  { clock, signal, until }: AtPaceOptions,
): AsyncGenerator<readonly ModelPart[], void, undefined> {
  const startedAt = clock.monotonic();
  const take = createCutter(parts);
  for (let index = 0; index < pace.length; index += 2) {
    signal.throwIfAborted();
    const waitMs = Math.min(startedAt + (pace[index] ?? 0), until) - clock.monotonic();
    if (waitMs > 0) await clock.sleep(waitMs, signal);
    const piece = take(pace[index + 1] ?? 0);
    if (piece.length > 0) yield piece;
  }
  const rest = take(Number.POSITIVE_INFINITY);
  if (rest.length > 0) yield rest;
}

/** Measures the content of parts, in characters. An input that came in pieces is not measured again as a whole. */
export function createMeter(): (part: ModelPart) => number {
  const inPieces = new Set<string>();
  return (part) => {
    if (part.type === "tool-input-delta") inPieces.add(part.id);
    if (part.type === "tool-call") return inPieces.has(part.toolCallId) ? 0 : part.input.length;
    return "delta" in part ? part.delta.length : 0;
  };
}

/** Takes so many characters more each time, with the parts around them; what cannot be cut goes with its last character. */
function createCutter(parts: readonly ModelPart[]): (characters: number) => ModelPart[] {
  const sizeOf = createMeter();
  const left = parts.map((part) => ({ part, size: sizeOf(part) }));
  let next = 0;
  return (characters) => {
    const taken: ModelPart[] = [];
    for (let room = characters; next < left.length;) {
      const head = left[next];
      if (head === undefined || (head.size > 0 && room === 0)) break;
      const { part } = head;
      if (head.size <= room) {
        taken.push(part);
        room -= head.size;
        next++;
        continue;
      }
      if ("delta" in part) {
        taken.push({ ...part, delta: part.delta.slice(0, room) });
        head.part = { ...part, delta: part.delta.slice(room) };
      }
      head.size -= room;
      room = 0;
    }
    return taken;
  };
}
