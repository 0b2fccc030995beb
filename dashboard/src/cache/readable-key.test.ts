import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readableKey } from "./readable-key.ts";

describe("a key on the page", () => {
  it("shows a query of the database as it is written, on one line", () => {
    assert.equal(
      readableKey("query:all:%0A%20%20select%20p.id%2C%20p.at%0A%20%20from%20plans%20p"),
      "query:all:select p.id, p.at from plans p",
    );
  });

  it("leaves alone what is not encoded, or badly", () => {
    assert.equal(readableKey("weather:oslo"), "weather:oslo");
    assert.equal(readableKey("share:100%:of"), "share:100%:of");
  });
});
