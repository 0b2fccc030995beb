// Loaded before a program whose parent may end without a word: the program must not go on alone.
const OFTEN_MS = 500;

if (process.channel !== undefined) {
  // A child of source.mjs: the channel closes with the parent, however that ends.
  process.once("disconnect", () => process.kill(process.pid, "SIGKILL"));
  process.channel.unref();
  if (!process.connected) process.kill(process.pid, "SIGKILL");
} else {
  // In the place of an npm script: npm passes a signal to its shell alone, which leaves what it runs behind.
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, "SIGTERM");
  }, OFTEN_MS).unref();
}
