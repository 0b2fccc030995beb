import { connect } from "node:net";

/** What is sent, how often, and for how long; as JSON in the first argument. */
export interface Load {
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Each sends its next request when the answer to the last has come. */
  readonly connections: number;
  /**
   * Each sends one every so many milliseconds instead, all of them evenly spread; times count from when a request was due. Undefined: at once,
   * so that sockets that were answered together ask together.
   */
  readonly everyMs?: number;
  readonly seconds: number;
}

/** What came back; as JSON on the standard output. Times in milliseconds. */
export interface LoadReport {
  readonly requests: number;
  readonly errors: number;
  readonly seconds: number;
  readonly p50: number;
  readonly p99: number;
  /** Each of them, where `everyMs` was set. */
  readonly times: readonly number[];
}

/** Sends requests over kept sockets, in a process of its own: as little work as can be done for each, so that the other side is what is measured. */
const load = JSON.parse(process.argv[2] ?? "") as Load;
const { port, path, headers, body, connections, everyMs, seconds } = load;
const head = Object.entries({ host: `127.0.0.1:${port}`, ...headers, "content-length": Buffer.byteLength(body) });
const request = `POST ${path} HTTP/1.1\r\n${head.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n${body}`;
const times: number[] = [];
let errors = 0;
const startedAt = performance.now();
const until = startedAt + seconds * 1_000;

function run(_: unknown, place: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const socket = connect(port, "127.0.0.1").setNoDelay(true);
  let reply = "";
  let dueAt = startedAt + ((everyMs ?? 0) * place) / connections;
  let sent = 0;
  function send(): void {
    if (everyMs === undefined) dueAt = performance.now();
    reply = "";
    socket.write(request);
  }
  function next(): void {
    if (sent > 0) dueAt += everyMs ?? 0;
    // Each sends one at least.
    if (sent++ > 0 && Math.max(dueAt, performance.now()) >= until) return void socket.end();
    if (everyMs === undefined) send();
    else setTimeout(send, Math.ceil(dueAt - performance.now()));
  }
  socket.on("connect", next);
  socket.on("data", (piece) => {
    reply += piece.toString("latin1");
    if (!isWhole(reply)) return;
    if (reply.startsWith("HTTP/1.1 200")) times.push(performance.now() - dueAt);
    else errors++;
    next();
  });
  socket.on("error", () => errors++);
  socket.on("close", () => resolve());
  return promise;
}

function isWhole(reply: string): boolean {
  const end = reply.indexOf("\r\n\r\n");
  if (end === -1) return false;
  const length = /\r\ncontent-length: *(\d+)/i.exec(reply)?.[1];
  return length === undefined ? reply.endsWith("\r\n0\r\n\r\n") : reply.length >= end + 4 + Number(length);
}

await Promise.all(Array.from({ length: connections }, run));
const sorted = times.toSorted((a, b) => a - b);
const at = (share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
const report: LoadReport = {
  requests: times.length,
  errors,
  seconds: (performance.now() - startedAt) / 1_000,
  p50: at(0.5),
  p99: at(0.99),
  times: everyMs === undefined ? [] : sorted,
};
console.log(JSON.stringify(report));
