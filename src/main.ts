import module from "node:module";
import { boundHeapGrowth } from "./heap.ts";

module.enableCompileCache();
const { main } = await import("./cli/main.ts");
const args = process.argv.slice(2);
// A server has more to load, and does it when it has started.
if (args[0] !== "start") boundHeapGrowth();
await main(args);
