import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { SseParser } from "./sse.ts";

type Event = readonly [data: string, event: string];

function read(pieces: readonly Buffer[]): Event[] {
  const events: Event[] = [];
  const parser = new SseParser((data, event) => events.push([data, event]));
  for (const piece of pieces) {
    parser.push(piece);
    // What was handed over may be written over.
    piece.fill(0x78);
  }
  parser.end();
  return events;
}

function readText(text: string): Event[] {
  return read([Buffer.from(text)]);
}

/** The same by the letter of the standard, over the whole text at once. */
function readSimply(text: string): Event[] {
  const events: Event[] = [];
  let data: string[] = [];
  let event = "";
  const dispatch = (): void => {
    if (data.length > 0) events.push([data.join("\n"), event]);
    data = [];
    event = "";
  };
  for (const line of text.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/)) {
    if (line === "") dispatch();
    const [, name = line, value = ""] = /^([^:]*): ?(.*)$/s.exec(line) ?? [];
    if (line.startsWith(":")) continue;
    if (name === "data") data.push(value);
    if (name === "event") event = value;
  }
  dispatch();
  return events;
}

function cut(bytes: Buffer, at: readonly number[]): Buffer[] {
  const points = [0, ...at.map((point) => point % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return points.slice(1).map((end, index) => Buffer.from(bytes.subarray(points[index], end)));
}

describe("SseParser", () => {
  it("reads data, names, comments, several lines of data and fields without a colon", () => {
    assert.deepEqual(readText("data: one\n\n: a comment\n\nevent: e\ndata:two\ndata:  three\nid: 7\n\ndata\n\n"), [
      ["one", ""],
      ["two\n three", "e"],
      ["", ""],
    ]);
  });

  it("takes CR, LF and CRLF for the end of a line, also where a piece ends between them", () => {
    for (const end of ["\n", "\r", "\r\n"]) {
      const bytes = Buffer.from(`data: a${end}data: b${end}${end}data: c${end}${end}`);
      const wanted = [
        ["a\nb", ""],
        ["c", ""],
      ];
      for (let at = 0; at <= bytes.length; at++) assert.deepEqual(read(cut(Buffer.from(bytes), [at])), wanted);
    }
  });

  it("reads characters whole that come in parts, and passes over a byte order mark", () => {
    const bytes = Buffer.from("\uFEFFdata: ü😀\n\n");
    assert.deepEqual(read([...bytes].map((byte) => Buffer.from([byte]))), [["ü😀", ""]]);
  });

  it("gives an event whose last line break is missing", () => {
    assert.deepEqual(readText("data: [DONE]"), [["[DONE]", ""]]);
    assert.deepEqual(readText("data: a\n"), [["a", ""]]);
  });

  it("reads whatever comes as the standard says, in whatever pieces", () => {
    const line = fc.oneof(
      fc.constantFrom(
        "data: {}",
        "data:",
        "data",
        "event: x",
        "event",
        ":",
        ": ping",
        "id: 1",
        "",
        "",
        "data: ü😀\u2028",
        "\uFEFF",
      ),
      fc.string({ unit: "grapheme", maxLength: 12 }),
      fc.string({ unit: "grapheme", maxLength: 12 }).map((text) => `data: ${text}`),
    );
    const ends = fc.constantFrom("\n", "\r", "\r\n");
    const text = fc
      .tuple(fc.boolean(), fc.array(fc.tuple(line, ends), { maxLength: 20 }), line)
      .map(([hasBom, lines, last]) => (hasBom ? "\uFEFF" : "") + lines.map(([l, e]) => l + e).join("") + last);
    fc.assert(
      fc.property(text, fc.array(fc.nat({ max: 2_000 }), { maxLength: 8 }), (whole, at) => {
        assert.deepEqual(read(cut(Buffer.from(whole), at)), readSimply(whole));
      }),
      { numRuns: 500 },
    );
  });
});
