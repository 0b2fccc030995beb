import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { isErrorCode } from "../../core/errors.ts";
import { readChunks, readLines } from "./read-file.ts";

async function withFile(content: string | Uint8Array, work: (path: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-read-"));
  try {
    const path = join(folder, "file");
    await writeFile(path, content);
    await work(path);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function gather<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const each of source) all.push(each);
  return all;
}

describe("readChunks", () => {
  it("gives the whole file in chunks of the size that was asked for", async () => {
    const content = Buffer.from(Array.from({ length: 100_003 }, (_, index) => index % 251));
    await withFile(content, async (path) => {
      for (const bytes of [1_000, 65_536, 70_000, 200_000]) {
        const chunks = await gather(readChunks(path, { bytes }));
        assert.ok(Buffer.concat(chunks).equals(content));
        assert.ok(chunks.slice(0, -1).every((chunk) => chunk.length === bytes));
      }
    });
  });

  it("gives nothing for an empty file, and refuses a size of nothing", async () => {
    await withFile("", async (path) => {
      assert.deepEqual(await gather(readChunks(path)), []);
      await assert.rejects(gather(readChunks(path, { bytes: 0 })), (error) => isErrorCode(error, "INPUT_INVALID"));
    });
  });

  it("closes the file when the reader leaves early, and ends when it is told to stop", async () => {
    await withFile("x".repeat(5_000_000), async (path) => {
      for await (const chunk of readChunks(path, { bytes: 10 })) {
        assert.equal(chunk.length, 10);
        break;
      }
      const stop = new AbortController();
      stop.abort(new Error("enough"));
      await assert.rejects(gather(readChunks(path, { signal: stop.signal })));
    });
  });
});

describe("readLines", () => {
  it("gives lines without their ends, whole letters over the edges of chunks, and the last one without an end", async () => {
    const lines = Array.from({ length: 20_000 }, (_, index) => `${index}: é 日本 👍`);
    await withFile(`\uFEFF${lines.join("\r\n")}`, async (path) => {
      assert.deepEqual(await gather(readLines(path)), lines);
    });
    await withFile("a\n\nb\n", async (path) => {
      assert.deepEqual(await gather(readLines(path)), ["a", "", "b"]);
    });
  });

  it("refuses a line that is too long by its number, before it is in memory as a whole", async () => {
    await withFile(`short\n${"x".repeat(3_000_000)}`, async (path) => {
      await assert.rejects(
        gather(readLines(path, { longest: 1_000 })),
        (error) => isErrorCode(error, "INPUT_INVALID") && error.message.includes("Line 2"),
      );
    });
  });
});

describe("a large file", () => {
  it("is hashed and read in chunks within a memory that does not grow with it", async () => {
    await withFile("", async (path) => {
      await truncate(path, 300_000_000);
      const child = new URL("./test-large-file.ts", import.meta.url).pathname;
      const { stdout } = await promisify(execFile)(process.execPath, [child, path]);
      const { hash, bytes, extraMb } = JSON.parse(stdout) as { hash: string; bytes: number; extraMb: number };
      // `head -c 300000000 /dev/zero | sha256sum`
      assert.equal(hash, "e8671610daa5dc152578d9bfe8e25346aa73fa600f908b235f55bf51d0eb5a05");
      assert.equal(bytes, 300_000_000);
      assert.ok(extraMb < 100, `${extraMb} MB`);
    });
  });
});
