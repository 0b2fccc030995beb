/** Writes an answer: the standard output carries nothing else. */
export function out(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Writes a message for the person at the keyboard. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Writes an answer as one line of JSON. */
export function outJson(value: unknown): void {
  out(JSON.stringify(value));
}

/** Goes on when who read an output has gone, as behind `| head`: what is written to it then is lost, and is no failure of the command. */
export function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
}

/** Ends the process once everything written has left it, or cannot. */
export async function exit(code: number): Promise<never> {
  await Promise.all([process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write("", done))));
  process.exit(code);
}

/** Writes rows as columns, as wide as their widest entry. */
export function toColumns(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length);
  }
  const lines = rows.map((row) => row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join("  "));
  return lines.map((line) => line.trimEnd()).join("\n");
}

/** Writes a length of time for people: `320 ms`, `1.4 s`, `3 min 20 s`. */
export function toTime(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1_000)} s`;
}

/** Writes a size for people: `12 KB`, `3.4 MB`. */
export function toSize(bytes: number): string {
  const units = [bytes === 1 ? "byte" : "bytes", "KB", "MB", "GB", "TB"];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1_024 ** power;
  return `${value < 10 && power > 0 ? value.toFixed(1) : Math.round(value)} ${units[power]}`;
}
