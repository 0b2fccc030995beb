/** Any text as one segment of a key: without the signs that part keys and make patterns, and never empty. */
export function segment(text: string): string {
  return `.${encodeURIComponent(text.toWellFormed()).replaceAll("*", "%2A")}`;
}
