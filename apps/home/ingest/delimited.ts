/** What may stand between two fields. */
export const DELIMITERS = [",", ";", "\t"] as const;

/** Asks whether a line is blank or a comment: both say nothing, and neither is a mistake. */
export function isRemark(line: string): boolean {
  return /^\s*(?:#|$)/.test(line);
}

/**
 * Splits a line of a CSV file into its fields. A field in double quotes may hold the delimiter, and a quote written twice.
 * Undefined when a quote is not closed on the line.
 */
export function splitDelimited(line: string, delimiter: string): readonly string[] | undefined {
  if (!line.includes('"')) return line.split(delimiter);
  const fields: string[] = [];
  for (let start = 0; start <= line.length;) {
    const isQuoted = line[start] === '"';
    const end = isQuoted ? closingQuote(line, start + 1) : line.indexOf(delimiter, start);
    if (isQuoted && end === -1) return undefined;
    fields.push(
      isQuoted ? line.slice(start + 1, end).replaceAll('""', '"') : line.slice(start, end === -1 ? undefined : end),
    );
    const next = isQuoted ? line.indexOf(delimiter, end + 1) : end;
    if (next === -1) return fields;
    start = next + delimiter.length;
  }
  return fields;
}

function closingQuote(line: string, from: number): number {
  for (let at = line.indexOf('"', from); at !== -1; at = line.indexOf('"', at + 2)) {
    if (line[at + 1] !== '"') return at;
  }
  return -1;
}
