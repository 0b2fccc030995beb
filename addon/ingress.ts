import { createServer, request as ask, type IncomingHttpHeaders, type Server } from "node:http";

export interface IngressOptions {
  /** Port of Millrace on 127.0.0.1. */
  readonly port: number;
  /** The only address that is let in: the Supervisor's, who has asked the person to log in. */
  readonly from: string;
}

/**
 * The way from Home Assistant's page to Millrace, which listens on loopback alone. A request comes without the prefix that the browser sees,
 * which `X-Ingress-Path` names; Millrace's pages count their links from it. Answers are passed on as they come, live events too.
 */
export function createIngress({ port, from }: IngressOptions): Server {
  const own = `127.0.0.1:${port}`;
  return createServer((incoming, outgoing) => {
    if (incoming.socket.remoteAddress?.replace(/^::ffff:/, "") !== from) {
      outgoing.writeHead(403, { "content-type": "text/plain" }).end("Only Home Assistant is let in here.\n");
      return;
    }
    const { method, url: path } = incoming;
    const passing = ask({ host: "127.0.0.1", port, method, path, headers: toOwn(incoming.headers, own) }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    passing.on("error", () => {
      if (!outgoing.headersSent) outgoing.writeHead(502, { "content-type": "text/plain" });
      outgoing.end("Millrace does not answer yet.\n");
    });
    outgoing.on("close", () => passing.destroy());
    incoming.pipe(passing);
  });
}

/** Millrace takes requests that name itself; whether a page of Home Assistant sent it, the browser says in `Sec-Fetch-Site`. */
function toOwn(headers: IncomingHttpHeaders, own: string): IncomingHttpHeaders {
  const { origin, connection: _hop, ...passed } = headers;
  const isForeign = headers["sec-fetch-site"] === "cross-site";
  const renamed = origin === undefined || isForeign ? origin : `http://${own}`;
  return { ...passed, host: own, ...(renamed === undefined ? {} : { origin: renamed }) };
}
