import { createReadStream } from "node:fs";
import { MillraceError } from "../../core/errors.ts";

export interface ReadChunksOptions {
  /** Size of a chunk; the last one may be shorter. Default 1 MiB. */
  readonly bytes?: number;
  readonly signal?: AbortSignal;
}

export interface ReadLinesOptions {
  /** A longer line ends the reading with INPUT_INVALID, before it fills the memory. Default 1 MiB of characters. */
  readonly longest?: number;
  readonly signal?: AbortSignal;
}

const MIB = 1_048_576;

/** Reads a file in chunks, each asked for when the one before has been used: a file of any size takes the memory of about two of them. */
export async function* readChunks(
  path: string,
  { bytes = MIB, signal }: ReadChunksOptions = {},
): AsyncGenerator<Uint8Array> {
  if (!Number.isInteger(bytes) || bytes < 1) {
    throw new MillraceError("INPUT_INVALID", `bytes must be a whole number of at least 1, not ${bytes}.`);
  }
  const stream = createReadStream(path, { highWaterMark: Math.min(bytes, MIB), ...(signal && { signal }) });
  let waiting: Buffer[] = [];
  let size = 0;
  for await (const piece of stream as AsyncIterable<Buffer>) {
    waiting.push(piece);
    size += piece.length;
    while (size >= bytes) {
      const all = waiting.length === 1 ? (waiting[0] ?? piece) : Buffer.concat(waiting, size);
      yield all.subarray(0, bytes);
      waiting = size > bytes ? [all.subarray(bytes)] : [];
      size -= bytes;
    }
  }
  if (size > 0) yield Buffer.concat(waiting, size);
}

/**
 * Reads a UTF-8 file line by line, without their ends (`\n` or `\r\n`) and without a byte order mark, with backpressure. Throws
 * INPUT_INVALID with the number of a line that is longer than `longest`.
 */
export async function* readLines(
  path: string,
  { longest = MIB, signal }: ReadLinesOptions = {},
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  let lines = 0;
  for await (const chunk of readChunks(path, { bytes: 65_536, ...(signal && { signal }) })) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = parts.pop() ?? "";
    for (const line of parts) yield checked(line);
    if (rest.length > longest) checked(rest);
  }
  rest += decoder.decode();
  if (rest !== "") yield checked(rest);

  function checked(line: string): string {
    lines += 1;
    if (line.length > longest) {
      throw new MillraceError("INPUT_INVALID", `Line ${lines} of ${path} has more than ${longest} characters.`, {
        advice: "Raise `longest`, or read it with readChunks.",
      });
    }
    return line.endsWith("\r") ? line.slice(0, -1) : line;
  }
}
