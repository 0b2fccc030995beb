/** A value that JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * Writes a value as JSON with the keys of every object in order, so that equal values give equal text
 * (the ordering rule of RFC 8785: by UTF-16 code units). Fields that are undefined are left out.
 */
export function canonicalJson(value: unknown): string {
  return write(value) ?? "null";
}

/** Undefined for what JSON leaves out. By hand: a replacer for JSON.stringify has to make a sorted copy of every object. */
function write(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if ("toJSON" in value && typeof value.toJSON === "function") return write(value.toJSON());
  if (Array.isArray(value)) return `[${value.map((entry) => write(entry) ?? "null").join(",")}]`;
  const fields: string[] = [];
  for (const name of Object.keys(value).sort()) {
    const written = write((value as Record<string, unknown>)[name]);
    if (written !== undefined) fields.push(`${JSON.stringify(name)}:${written}`);
  }
  return `{${fields.join(",")}}`;
}
