import keyvTestSuite, { keyvIteratorTests } from "@keyv/test-suite";
import { Keyv } from "keyv";
import * as test from "vitest";
import { createKeyvStore } from "../../src/cache/adapters/keyv.ts";
import { cache } from "./open-cache.mjs";

keyvTestSuite(test, Keyv, () => createKeyvStore({ cache }));
keyvIteratorTests(test, Keyv, () => createKeyvStore({ cache }));
