import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** Which bytes do not arrive: those to the server, those from it, or all. */
export type Direction = "there" | "back" | "both";

/** A network between a client and a server of this machine, which can fail. */
export interface TcpProxy {
  readonly port: number;
  /** Holds the bytes of every connection; `heal` lets them go on. */
  stall(direction: Direction): void;
  /** Loses the bytes of every connection and lets none on or off it ever again, as a firewall does that forgot it. New ones pass after `heal`. */
  drop(direction: Direction): void;
  heal(): void;
  close(): Promise<void>;
}

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  readonly lost: { there: boolean; back: boolean };
}

export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  let trouble: { readonly kind: "stall" | "drop"; readonly direction: Direction } | undefined;

  const isCut = (direction: "there" | "back"): boolean =>
    trouble !== undefined && (trouble.direction === "both" || trouble.direction === direction);

  function afflict(pair: Pair): void {
    if (trouble?.kind === "drop") {
      pair.lost.there ||= isCut("there");
      pair.lost.back ||= isCut("back");
    } else if (trouble?.kind === "stall") {
      if (isCut("there")) pair.near.pause();
      if (isCut("back")) pair.far.pause();
    }
  }

  const server = createServer((near) => {
    const far = connect(targetPort, "127.0.0.1");
    const pair: Pair = { near, far, lost: { there: false, back: false } };
    pairs.add(pair);
    near.on("data", (bytes) => void (pair.lost.there || far.write(bytes)));
    far.on("data", (bytes) => void (pair.lost.back || near.write(bytes)));
    // The close that follows an error tells the other side; the client of a lost connection hears nothing.
    for (const socket of [near, far]) socket.on("error", () => undefined);
    near.on("close", () => far.destroy());
    far.on("close", () => void (pair.lost.back || near.destroy()));
    near.on("close", () => pairs.delete(pair));
    afflict(pair);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no free port was given");

  function cut(kind: "stall" | "drop", direction: Direction): void {
    trouble = { kind, direction };
    for (const pair of pairs) afflict(pair);
  }

  return {
    port: address.port,
    stall: (direction) => cut("stall", direction),
    drop: (direction) => cut("drop", direction),
    heal() {
      trouble = undefined;
      for (const { near, far } of pairs) {
        near.resume();
        far.resume();
      }
    },
    async close() {
      server.close();
      for (const { near, far } of pairs) {
        near.destroy();
        far.destroy();
      }
      await once(server, "close");
    },
  };
}
