/** Called with the data of each event and its name; the name is empty where none was given. */
export type OnEvent = (data: string, event: string) => void;

const LF = 10;
const CR = 13;
const SPACE = 32;
const BOM = 0xfeff;

/**
 * Reads server-sent events from bytes that come in any pieces: the event-stream format of the WHATWG HTML standard, 9.2.6, without
 * `id` and `retry`, which mean something to a client that reconnects. One thing is different: `end` gives an event that lacks only
 * its last line break, since some servers leave that out.
 */
export class SseParser {
  readonly #onEvent: OnEvent;
  /** The beginning of a line whose end has not come. */
  #rest: Buffer[] = [];
  /** The last piece ended with CR: an LF that follows belongs to it. */
  #skipsLf = false;
  #isFirstLine = true;
  #data: string | undefined;
  #event = "";

  constructor(onEvent: OnEvent) {
    this.#onEvent = onEvent;
  }

  push(piece: Buffer): void {
    if (piece.length === 0) return;
    let start = this.#skipsLf && piece[0] === LF ? 1 : 0;
    this.#skipsLf = false;
    const hasCr = piece.includes(CR);
    for (;;) {
      const end = hasCr ? lineEnd(piece, start) : piece.indexOf(LF, start);
      if (end === -1) break;
      this.#line(this.#joined(piece, start, end));
      start = end + 1;
      if (piece[end] !== CR) continue;
      if (start === piece.length) this.#skipsLf = true;
      else if (piece[start] === LF) start += 1;
    }
    // A copy: the HTTP client may write the next piece into the same memory.
    if (start < piece.length) this.#rest.push(Buffer.from(piece.subarray(start)));
  }

  end(): void {
    if (this.#rest.length > 0) this.#line(this.#joined(EMPTY, 0, 0));
    this.#dispatch();
  }

  /** Text of a line, whose beginning may have come before. Whole lines are whole characters. */
  #joined(piece: Buffer, start: number, end: number): string {
    if (this.#rest.length === 0) return piece.toString("utf8", start, end);
    const bytes = Buffer.concat([...this.#rest, piece.subarray(start, end)]);
    this.#rest = [];
    return bytes.toString("utf8");
  }

  #line(line: string): void {
    let text = line;
    if (this.#isFirstLine) {
      this.#isFirstLine = false;
      if (text.charCodeAt(0) === BOM) text = text.slice(1);
    }
    if (text === "") this.#dispatch();
    else if (text.startsWith("data:")) this.#add(valueOf(text, 5));
    else if (text.startsWith("event:")) this.#event = valueOf(text, 6);
    else if (text === "data") this.#add("");
    else if (text === "event") this.#event = "";
  }

  #add(value: string): void {
    this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`;
  }

  #dispatch(): void {
    const data = this.#data;
    const event = this.#event;
    this.#data = undefined;
    this.#event = "";
    if (data !== undefined) this.#onEvent(data, event);
  }
}

const EMPTY = Buffer.alloc(0);

function valueOf(line: string, colonEnd: number): string {
  return line.slice(line.charCodeAt(colonEnd) === SPACE ? colonEnd + 1 : colonEnd);
}

function lineEnd(piece: Buffer, start: number): number {
  const lf = piece.indexOf(LF, start);
  const cr = piece.indexOf(CR, start);
  if (lf === -1 || cr === -1) return Math.max(lf, cr);
  return Math.min(lf, cr);
}
