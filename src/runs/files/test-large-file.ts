import { hashFile } from "./hash-file.ts";
import { readChunks } from "./read-file.ts";

/* Hashes and reads the file that is named, and tells by how much the process grew at most. */

const path = process.argv[2] ?? "";
const before = process.memoryUsage.rss();
let most = before;
const hashed = await hashFile(path, AbortSignal.timeout(120_000));
if (typeof hashed === "string") throw new Error(`The file is ${hashed}.`);
most = Math.max(most, process.memoryUsage.rss());
let bytes = 0;
for await (const chunk of readChunks(path)) {
  bytes += chunk.length;
  most = Math.max(most, process.memoryUsage.rss());
}
process.stdout.write(JSON.stringify({ hash: hashed.hash, bytes, extraMb: Math.round((most - before) / 1e6) }));
