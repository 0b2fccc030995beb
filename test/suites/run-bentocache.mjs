import { assert } from "@japa/assert";
import { configure, processCLIArgs, run } from "@japa/runner";

processCLIArgs([]);
configure({ files: ["bentocache.suite.mjs"], plugins: [assert()], forceExit: true });
await run();
