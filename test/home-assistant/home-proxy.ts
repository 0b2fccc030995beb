import { once } from "node:events";
import { createServer, request as ask, type IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";

/** What passes between a Millrace and a home, seen and held up. */
export interface HomeProxy {
  readonly url: string;
  /** How many WebSockets are open. */
  sockets(): number;
  /** Called with each answer of the home before it is passed on. */
  onReply: ((request: { readonly method: string; readonly path: string }) => Promise<void>) | undefined;
  close(): Promise<void>;
}

/** Stands before a home, on loopback. */
export async function startHomeProxy(home: string): Promise<HomeProxy> {
  const { hostname, port } = new URL(home);
  const open = new Set<Socket>();
  const server = createServer((incoming, outgoing) => {
    const { method = "GET", url: path = "/", headers } = incoming;
    const passing = ask({ hostname, port, method, path, headers }, (answer) => {
      void (async () => {
        await proxy.onReply?.({ method, path });
        if (outgoing.destroyed) return void answer.destroy();
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      })();
    });
    passing.on("error", () => outgoing.destroy());
    outgoing.on("close", () => passing.destroy());
    incoming.pipe(passing);
  });
  server.on("upgrade", (incoming: IncomingMessage, near: Socket, head: Buffer) => {
    const far = connect(Number(port), hostname, () => {
      const fields = Object.entries(incoming.headers).map(([name, value]) => `${name}: ${String(value)}\r\n`);
      far.write(`GET ${incoming.url ?? "/"} HTTP/1.1\r\n${fields.join("")}\r\n`);
      far.write(head);
      near.pipe(far);
      far.pipe(near);
    });
    open.add(near);
    for (const socket of [near, far]) socket.on("error", () => undefined);
    far.on("close", () => near.destroy());
    near.on("close", () => {
      open.delete(near);
      far.destroy();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const own = typeof address === "object" && address !== null ? address.port : 0;
  const proxy: HomeProxy = {
    url: `http://127.0.0.1:${own}`,
    sockets: () => open.size,
    onReply: undefined,
    async close() {
      server.close();
      server.closeAllConnections();
      for (const socket of open) socket.destroy();
      await once(server, "close");
    },
  };
  return proxy;
}
