import module from "node:module";

module.enableCompileCache();
const { main } = await import("./cli/main.ts");
await main(process.argv.slice(2));
