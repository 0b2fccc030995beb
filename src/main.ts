import module from "node:module";
import { setFlagsFromString } from "node:v8";
import { HEAP_GROWTH_FLAG } from "./heap.ts";

setFlagsFromString(HEAP_GROWTH_FLAG);
module.enableCompileCache();
const { main } = await import("./cli/main.ts");
await main(process.argv.slice(2));
