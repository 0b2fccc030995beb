import { test } from "@japa/runner";
import { registerCacheDriverTestSuite } from "bentocache/test_suite";
import { createBentocacheDriver } from "../../src/cache/adapters/bentocache.ts";
import { cache } from "./open-cache.mjs";

test.group("millrace", (group) => {
  registerCacheDriverTestSuite({
    test,
    group,
    createDriver: (options) => createBentocacheDriver({ cache, ...options }),
  });
});
