import { test } from "@japa/runner";
import { registerCacheDriverTestSuite } from "bentocache/test_suite";
import { createBentocacheDriver } from "../../src/cache/adapters/bentocache.ts";
import { KINDS, openCache } from "./open-cache.mjs";

for (const kind of KINDS) {
  const cache = await openCache(kind);
  test.group(kind, (group) => {
    registerCacheDriverTestSuite({
      test,
      group,
      createDriver: (options) => createBentocacheDriver({ cache, ...options }),
    });
  });
}
