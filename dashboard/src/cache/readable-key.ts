/** A key as people read it: what its segments encode decoded, such as a query of the database, on one line. */
export function readableKey(key: string): string {
  return key
    .split(":")
    .map((segment) => decode(segment).replaceAll(/\s+/g, " ").trim())
    .join(":");
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
