/** How the files of these types begin, in base64. */
const SIGNATURES: readonly (readonly [start: string, type: string])[] = [
  ["iVBORw0KGgo", "image/png"],
  ["/9j/", "image/jpeg"],
  ["R0lGOD", "image/gif"],
  ["UklGR", "image/webp"],
  ["JVBERi", "application/pdf"],
];

export function toBase64(data: Uint8Array | string): string {
  return typeof data === "string"
    ? data
    : Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64");
}

/** The full media type: a type that stands for many (`image`, `image/*`) is looked up by the first bytes. Undefined when not known. */
export function fullMediaType(mediaType: string, base64: string): string | undefined {
  if (mediaType.includes("/") && !mediaType.endsWith("/*")) return mediaType;
  const top = mediaType.split("/")[0] ?? "";
  return SIGNATURES.find(([start, type]) => base64.startsWith(start) && type.startsWith(top))?.[1];
}
