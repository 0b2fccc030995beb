import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

/** Systems give connections and servers that ask for any port one from 32768 on (Linux) or 49152 on (others). */
const [FIRST, END] = [16_000, 32_000];

/**
 * A port of this machine for a server that another process starts, or that is started again: nobody is given it by chance meanwhile, as
 * happens with one that the system gave.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST, END);
    const trial = createServer().listen(port, "127.0.0.1");
    const isFree = await once(trial, "listening").then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    trial.close();
    await once(trial, "close");
    return port;
  }
}
