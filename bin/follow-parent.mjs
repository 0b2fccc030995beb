// Loaded into a child of source.mjs: when the parent is killed without a word, the child must not go on alone.
process.once("disconnect", () => process.kill(process.pid, "SIGKILL"));
process.channel?.unref();
