import keyvTestSuite, { keyvIteratorTests } from "@keyv/test-suite";
import { Keyv } from "keyv";
import * as test from "vitest";
import { createKeyvStore } from "../../src/cache/adapters/keyv.ts";
import { KINDS, openCache } from "./open-cache.mjs";

for (const kind of KINDS) {
  const cache = await openCache(kind);
  test.describe(`on ${kind}`, () => {
    keyvTestSuite(test, Keyv, () => createKeyvStore({ cache }));
    keyvIteratorTests(test, Keyv, () => createKeyvStore({ cache }));
  });
}
