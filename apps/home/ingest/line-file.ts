import { createHash, type Hash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import type { EventFile } from "./event-file.ts";
import type { Batch, ReadItem } from "./item.ts";
import type { LineReader } from "./layout.ts";

/** A few thousand lines: enough to insert at once, little to hold. */
const CHUNK_BYTES = 131_072;
const LONGEST_LINE_BYTES = 1_048_576;
const NEWLINE = 0x0a;

/** What was read of a file: whole lines only. */
interface Mark {
  readonly offset: number;
  readonly lines: number;
  /** Of everything before the offset, and of what outside of the file decides its meaning. */
  readonly sha256: string;
}

interface LineFileOptions {
  readonly handle: FileHandle;
  readonly layout: string;
  readonly reader: LineReader;
}

/** A text file, read a chunk at a time: what is in memory does not depend on the file's length. */
export class LineFile implements EventFile {
  readonly layout: string;
  readonly #handle: FileHandle;
  readonly #reader: LineReader;
  #hash: Hash;
  /** Bytes and lines that were handed out, whole lines only. */
  #offset = 0;
  #lines = 0;
  #rest: Buffer = Buffer.alloc(0);
  #isInLongLine = false;

  constructor({ handle, layout, reader }: LineFileOptions) {
    this.layout = layout;
    this.#handle = handle;
    this.#reader = reader;
    this.#hash = this.#newHash();
  }

  async resume(text: string): Promise<boolean> {
    const mark = JSON.parse(text) as Mark;
    const hash = this.#newHash();
    let offset = 0;
    while (offset < mark.offset) {
      const chunk = await this.#readAt(offset, Math.min(CHUNK_BYTES * 8, mark.offset - offset));
      if (chunk.length === 0) return false;
      hash.update(chunk);
      offset += chunk.length;
    }
    if (hash.copy().digest("hex") !== mark.sha256) return false;
    this.#hash = hash;
    this.#offset = mark.offset;
    this.#lines = mark.lines;
    return true;
  }

  async *batches(signal?: AbortSignal): AsyncIterable<Batch> {
    const { size } = await this.#handle.stat();
    for (let position = this.#offset; ;) {
      signal?.throwIfAborted();
      const chunk = await this.#readAt(position, CHUNK_BYTES);
      if (chunk.length === 0) break;
      position += chunk.length;
      const items = this.#wholeLines(chunk);
      if (items.length > 0) yield { items, isTail: false, fraction: Math.min(1, position / size) };
    }
    if (this.#rest.length === 0) return;
    yield { items: this.#itemsOf(this.#rest.toString("utf8"), this.#lines + 1), isTail: true, fraction: 1 };
  }

  mark(): string {
    const mark: Mark = { offset: this.#offset, lines: this.#lines, sha256: this.#hash.copy().digest("hex") };
    return JSON.stringify(mark);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }

  #newHash(): Hash {
    return createHash("sha256").update(`${this.layout}\n${this.#reader.context ?? ""}\n`);
  }

  async #readAt(position: number, length: number): Promise<Buffer> {
    const { buffer, bytesRead } = await this.#handle.read(Buffer.allocUnsafe(length), 0, length, position);
    return buffer.subarray(0, bytesRead);
  }

  /** Takes the lines that end in this chunk and keeps the rest for the next one. */
  #wholeLines(chunk: Buffer): ReadItem[] {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end === 0) {
      this.#rest = Buffer.concat([this.#rest, chunk]);
      if (this.#rest.length > LONGEST_LINE_BYTES) this.#dropRest();
      return [];
    }
    const items: ReadItem[] = [];
    let whole = Buffer.concat([this.#rest, chunk.subarray(0, end)]);
    this.#rest = chunk.subarray(end);
    if (this.#isInLongLine) {
      const start = whole.indexOf(NEWLINE) + 1;
      this.#advance(whole.subarray(0, start), 1);
      items.push({ kind: "skipped", line: this.#lines, reason: `longer than ${LONGEST_LINE_BYTES} bytes` });
      whole = whole.subarray(start);
      this.#isInLongLine = false;
    }
    const lines = whole.toString("utf8").split("\n");
    lines.pop();
    for (const [index, line] of lines.entries()) this.#read(line, this.#lines + 1 + index, items);
    this.#advance(whole, lines.length);
    return items;
  }

  #dropRest(): void {
    this.#advance(this.#rest, 0);
    this.#rest = Buffer.alloc(0);
    this.#isInLongLine = true;
  }

  #advance(bytes: Buffer, lines: number): void {
    this.#hash.update(bytes);
    this.#offset += bytes.length;
    this.#lines += lines;
  }

  #itemsOf(text: string, line: number): ReadItem[] {
    const items: ReadItem[] = [];
    if (this.#isInLongLine) items.push({ kind: "skipped", line, reason: `longer than ${LONGEST_LINE_BYTES} bytes` });
    else this.#read(text, line, items);
    return items;
  }

  #read(raw: string, line: number, into: ReadItem[]): void {
    if (line <= this.#reader.headerLines) return;
    const text = line === 1 ? withoutMark(raw) : raw;
    if (text.trim() === "") return;
    const content = this.#reader.read(text.endsWith("\r") ? text.slice(0, -1) : text);
    if ("reason" in content) into.push({ kind: "skipped", line, reason: content.reason });
    else for (const event of content) into.push({ kind: "event", event, line });
  }
}

/** Takes away the byte order mark that some editors put at the start of a text. */
export function withoutMark(text: string): string {
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}
