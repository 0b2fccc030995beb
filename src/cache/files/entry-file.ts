import { hash } from "node:crypto";
import type { EntryMeta } from "../contract.ts";
import { decodeHead, encodeHead } from "../envelope.ts";

/* An entry's file is three lines: the checksum of the other two, the hash of the payload, the head. */

const DIGEST = /^[0-9a-f]{64}$/;

export interface EntryFile {
  readonly key: string;
  readonly meta: EntryMeta;
  /** SHA-256 of the payload, which names its file. */
  readonly digest: string;
}

export function encodeEntryFile(key: string, meta: EntryMeta, digest: string): string {
  const body = `${digest}\n${encodeHead(key, meta)}`;
  return `${hash("sha256", body)}\n${body}`;
}

/** Undefined for what is torn, changed or of another version. */
export function decodeEntryFile(text: string): EntryFile | undefined {
  const [checksum = "", digest = "", head = ""] = text.split("\n");
  if (!DIGEST.test(digest) || hash("sha256", `${digest}\n${head}`) !== checksum) return undefined;
  const read = decodeHead(head);
  return read === undefined ? undefined : { ...read, digest };
}
