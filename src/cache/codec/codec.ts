import { constants, crc32, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { MillraceError } from "../../core/errors.ts";
import type { Codec } from "../contract.ts";
import { isPlainJson } from "./plain-json.ts";
import { readTags } from "./read-tags.ts";
import { writeTags } from "./write-tags.ts";

/* Layout: one byte of format, four of CRC-32 over format and body (little end first), the body. */

const PLAIN = 1;
const TAGGED = 2;
const PLAIN_ZSTD = 3;
const TAGGED_ZSTD = 4;
const HEADER_BYTES = 5;

const FAST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
/** Compressed bodies are kept only when they save at least this share. */
const WORTH = 0.9;

export interface CodecOptions {
  /** Bodies from so many bytes on are compressed where that saves a tenth. Default 2048; Infinity: never. */
  readonly compressFromBytes?: number;
}

/**
 * Creates the codec of the levels below memory: JSON text, with tags where JSON would lose something, compressed (zstd, level 1) when large,
 * under a checksum. Values come back exactly, with three exceptions: a Buffer comes back as a Uint8Array, an error of an unknown class as
 * the nearest class of the language with its name and fields, and an error without its stack.
 */
export function createCodec({ compressFromBytes = 2_048 }: CodecOptions = {}): Codec {
  return {
    encode(value) {
      const isPlain = isPlainJson(value);
      const text = JSON.stringify(isPlain ? value : writeTags(value));
      if (text.length < compressFromBytes && text.length <= SMALL_TEXT)
        return frameSmall(isPlain ? PLAIN : TAGGED, text);
      const raw = Buffer.from(text, "utf8");
      if (raw.byteLength < compressFromBytes) return frame(isPlain ? PLAIN : TAGGED, raw);
      const packed = zstdCompressSync(raw, FAST);
      if (packed.byteLength > raw.byteLength * WORTH) return frame(isPlain ? PLAIN : TAGGED, raw);
      return frame(isPlain ? PLAIN_ZSTD : TAGGED_ZSTD, packed);
    },
    decode(payload) {
      const { format, body } = open(payload);
      try {
        const raw = format === PLAIN_ZSTD || format === TAGGED_ZSTD ? zstdDecompressSync(body) : body;
        const parsed: unknown = JSON.parse(raw.toString("utf8"));
        return format === TAGGED || format === TAGGED_ZSTD ? readTags(parsed) : parsed;
      } catch (cause) {
        throw unreadable("it does not hold a value", cause);
      }
    },
  };
}

const SMALL_TEXT = 16_384;

/** Writes the text straight into its frame, without a copy in between. */
function frameSmall(format: number, text: string): Uint8Array {
  const room = Buffer.allocUnsafe(HEADER_BYTES + text.length * 3);
  const bytes = room.write(text, HEADER_BYTES, "utf8");
  return seal(format, Buffer.copyBytesFrom(room, 0, HEADER_BYTES + bytes));
}

function frame(format: number, body: Buffer): Uint8Array {
  const framed = Buffer.allocUnsafeSlow(HEADER_BYTES + body.byteLength);
  framed.set(body, HEADER_BYTES);
  return seal(format, framed);
}

function seal(format: number, framed: Buffer): Uint8Array {
  framed[0] = format;
  framed.writeUInt32LE(crc32(framed.subarray(HEADER_BYTES), format), 1);
  return framed;
}

function open(payload: Uint8Array): { readonly format: number; readonly body: Buffer } {
  const framed = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  const format = framed[0] ?? 0;
  if (format < PLAIN || format > TAGGED_ZSTD) throw unreadable(`its format ${format} is not known`);
  if (framed.byteLength <= HEADER_BYTES) throw unreadable("it is cut off");
  const body = framed.subarray(HEADER_BYTES);
  if (crc32(body, format) !== framed.readUInt32LE(1)) throw unreadable("its checksum does not fit");
  return { format, body };
}

function unreadable(why: string, cause?: unknown): MillraceError {
  return new MillraceError("INPUT_INVALID", `A kept value cannot be read: ${why}.`, {
    cause,
    advice: "Remove the entry; it is made again when it is next asked for.",
  });
}
