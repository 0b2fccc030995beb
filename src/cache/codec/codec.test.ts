import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { isErrorCode, MillraceError } from "../../core/errors.ts";
import { createCodec } from "./codec.ts";

const codec = createCodec();
const back = (value: unknown): unknown => codec.decode(codec.encode(value));

const bytes = fc.uint8Array({ maxLength: 24 });
const error = fc
  .tuple(
    fc.constantFrom(Error, TypeError, RangeError, SyntaxError, URIError),
    fc.string(),
    fc.option(fc.string()),
    fc.anything(),
  )
  .map(([Class, message, code]) => Object.assign(new Class(message), code === null ? {} : { code }));
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    tie("leaf"),
    tie("list"),
    tie("object"),
    tie("map"),
    tie("set"),
    tie("failure"),
  ),
  leaf: fc.oneof(
    fc.string({ unit: "binary" }),
    fc.double(),
    fc.integer(),
    fc.bigInt(),
    fc.boolean(),
    fc.date({ noInvalidDate: false }),
    fc.constantFrom(undefined, null, -0, Number.NaN, Infinity, -Infinity, "$", [], {}),
    bytes,
    bytes.map((source) => source.buffer.slice(0)),
    bytes.map((source) => new DataView(source.buffer.slice(0))),
    fc.float32Array({ maxLength: 5 }),
    fc.float64Array({ maxLength: 5 }),
    fc.int16Array({ maxLength: 5 }),
    fc.bigInt64Array({ maxLength: 5 }),
    fc.uint8ClampedArray({ maxLength: 5 }),
    error,
  ),
  list: fc.oneof(fc.array(tie("tree"), { maxLength: 6 }), fc.sparseArray(tie("tree"), { maxLength: 6 })),
  object: fc.dictionary(
    fc.oneof(fc.string({ maxLength: 4 }), fc.constantFrom("$", "$$", "__proto__", "toJSON", "constructor", "0")),
    tie("tree"),
    { maxKeys: 5 },
  ),
  map: fc.array(fc.tuple(tie("tree"), tie("tree")), { maxLength: 4 }).map((pairs) => new Map(pairs)),
  set: fc.array(tie("tree"), { maxLength: 4 }).map((items) => new Set(items)),
  failure: fc.tuple(fc.string(), tie("tree")).map(([message, cause]) => new Error(message, { cause })),
}));

describe("createCodec", () => {
  it("gives every value back as it was", () => {
    fc.assert(
      fc.property(tree, (value) => assert.deepStrictEqual(back(value), value)),
      { numRuns: 1_500 },
    );
  });

  it("gives large values back as they were, compressed or not", () => {
    const text = "A kept answer, in words — „with“ signs. ".repeat(500);
    const noise = new Uint8Array(9_000).map((_, index) => (index * 2_654_435_761) >>> 11);
    for (const value of [text, { text, at: new Date(5) }, noise, [{ text }, -0]])
      assert.deepStrictEqual(back(value), value);
    assert.ok(codec.encode(text).byteLength < text.length / 10, "a repetitive text is compressed");
    assert.equal(createCodec({ compressFromBytes: Infinity }).encode("a".repeat(9_999)).byteLength, 9_999 + 2 + 5);
  });

  it("keeps an object that looks like a tag apart from tags", () => {
    for (const value of [
      { $: ["undefined"] },
      { $: ["date", 5], more: undefined },
      { $: { $: -0 } },
      { $: undefined },
    ]) {
      assert.deepStrictEqual(back(value), value);
    }
  });

  it("keeps a field called __proto__ without touching any prototype", () => {
    const value = JSON.parse('{ "__proto__": { "isAdmin": true }, "list": [{ "__proto__": 1 }] }') as Record<
      string,
      unknown
    >;
    value["undefined"] = undefined;
    const read = back(value) as Record<string, unknown>;
    assert.deepStrictEqual(read, value);
    assert.equal(Object.getPrototypeOf(read), Object.prototype);
    assert.equal(read["isAdmin"], undefined);
  });

  it("gives a Buffer back as a Uint8Array of its bytes alone", () => {
    assert.deepStrictEqual(back(Buffer.from("abc")), new Uint8Array([97, 98, 99]));
  });

  it("keeps an error's class, code, cause and fields, an error of Millrace whole, and no stack", () => {
    const cause = new TypeError("inner");
    const failure = new MillraceError("PROVIDER_FAILED", "It is down.", {
      facts: { status: 503 },
      cause,
      isRetryable: false,
    });
    const read = back(failure);
    assert.ok(isErrorCode(read, "PROVIDER_FAILED"));
    assert.deepStrictEqual(read, failure);
    assert.equal(read.stack, "MillraceError: It is down.");

    class QuotaError extends RangeError {
      override readonly name = "QuotaError";
      readonly left = new Map([["day", 0]]);
      readonly socket = () => "cannot be kept";
    }
    const quota = back(new QuotaError("used up")) as QuotaError;
    assert.ok(quota instanceof RangeError);
    assert.deepEqual(
      [quota.name, quota.message, quota.left, quota.socket],
      ["QuotaError", "used up", new Map([["day", 0]]), undefined],
    );
    const abort = back(new DOMException("stop", "AbortError")) as DOMException;
    assert.deepEqual([abort instanceof DOMException, abort.name, abort.message], [true, "AbortError", "stop"]);
    assert.deepEqual((back(new AggregateError([cause], "all")) as AggregateError).errors[0], cause);
  });

  it("refuses what cannot be kept and names its place", () => {
    class Money {
      readonly amount = 1;
    }
    const loop: Record<string, unknown> = {};
    loop["list"] = [{ loop }];
    let deep: unknown = 1;
    for (let level = 0; level < 2_000; level++) deep = [deep];
    const cases: readonly [unknown, RegExp][] = [
      [() => 1, /the value itself is a function/],
      [{ user: { greet() {} } }, /user\.greet is a function/],
      [[1, Symbol("x")], /: 1 is a symbol/],
      [{ [Symbol("hidden")]: 1 }, /symbol, Symbol\(hidden\)/],
      [loop, /list\.0\.loop refers back/],
      [new Map([["price", new Money()]]), /price is an instance of Money/],
      [{ at: new URL("http://a.example") }, /at is an instance of URL/],
      [deep, /deeper than 1000/],
      [{ toJSON: () => 1 }, /toJSON is a function/],
    ];
    for (const [value, message] of cases) {
      assert.throws(
        () => codec.encode(value),
        (error) => isErrorCode(error, "INPUT_INVALID") && message.test(error.message),
      );
    }
  });

  it("throws for bytes that were damaged anywhere, cut off, or written by another version", () => {
    const values = [{ text: "plain", number: 5 }, [undefined, new Date(7)], "long ".repeat(2_000)];
    fc.assert(
      fc.property(fc.constantFrom(...values), fc.nat(), fc.integer({ min: 1, max: 255 }), (value, place, flip) => {
        const payload = Uint8Array.from(codec.encode(value));
        const index = place % payload.length;
        payload[index] = (payload[index] ?? 0) ^ flip;
        assert.throws(() => codec.decode(payload), MillraceError);
        assert.throws(() => codec.decode(codec.encode(value).subarray(0, index)), MillraceError);
      }),
    );
    assert.throws(() => codec.decode(new Uint8Array([99, 0, 0, 0, 0, 49])), /format 99/);
    assert.throws(() => codec.decode(new Uint8Array()), MillraceError);
  });
});
