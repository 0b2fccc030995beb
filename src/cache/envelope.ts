import type { EntryMeta, StoredEntry } from "./contract.ts";

/* An entry as bytes: version (1 byte), length of the head (4 bytes, big endian), the head as JSON, the payload. */

const VERSION = 1;
export const HEAD_AT = 5;

/** Gives a meta whose instants and position any database can keep: whole numbers, with "for ever" as the largest. */
export function toStorable(meta: EntryMeta): EntryMeta {
  const { createdAt, staleAt, deadAt, position } = meta;
  if (isWhole(createdAt) && isWhole(staleAt) && isWhole(deadAt) && isWhole(position)) return meta;
  return {
    ...meta,
    createdAt: toWhole(createdAt),
    staleAt: toWhole(staleAt),
    deadAt: toWhole(deadAt),
    position: toWhole(position),
  };
}

const isWhole = Number.isSafeInteger;

function toWhole(value: number): number {
  return Math.min(Math.max(Math.floor(value), Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
}

/** The head as data; short names, for there are many of them. Redis scripts read `p` and `t`. */
interface Head {
  readonly k: string;
  readonly c: number;
  readonly s: number;
  readonly d: number;
  readonly p: number;
  readonly e: 0 | 1;
  readonly t: readonly string[];
}

export function encodeHead(key: string, meta: EntryMeta): string {
  const { createdAt, staleAt, deadAt, position, isError, tags } = toStorable(meta);
  const head: Head = { k: key, c: createdAt, s: staleAt, d: deadAt, p: position, e: isError ? 1 : 0, t: tags };
  return JSON.stringify(head);
}

/** Undefined for what is no head. */
export function decodeHead(text: string): { readonly key: string; readonly meta: EntryMeta } | undefined {
  const head = parseJson(text);
  if (!isHead(head)) return undefined;
  const { k, c, s, d, p, e, t } = head;
  return { key: k, meta: { createdAt: c, staleAt: s, deadAt: d, position: p, isError: e === 1, tags: t } };
}

export function encodeEnvelope({ key, meta, payload }: StoredEntry): Buffer {
  const head = Buffer.from(encodeHead(key, meta));
  const start = Buffer.allocUnsafe(HEAD_AT);
  start.writeUInt8(VERSION, 0);
  start.writeUInt32BE(head.length, 1);
  return Buffer.concat([start, head, payload]);
}

/** Undefined for bytes of another version, torn ones, and those of another key. */
export function decodeEnvelope(key: string, bytes: Buffer): StoredEntry | undefined {
  if (bytes.length < HEAD_AT || bytes.readUInt8(0) !== VERSION) return undefined;
  const end = HEAD_AT + bytes.readUInt32BE(1);
  if (end > bytes.length) return undefined;
  const head = decodeHead(bytes.toString("utf8", HEAD_AT, end));
  return head?.key === key ? { key, meta: head.meta, payload: bytes.subarray(end) } : undefined;
}

function isHead(value: unknown): value is Head {
  if (typeof value !== "object" || value === null) return false;
  const head = value as Partial<Record<keyof Head, unknown>>;
  return (
    typeof head.k === "string" &&
    [head.c, head.s, head.d, head.p].every((field) => typeof field === "number") &&
    Array.isArray(head.t) &&
    head.t.every((tag) => typeof tag === "string")
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
