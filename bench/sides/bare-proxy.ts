// The least that a gateway on Node can be: node:http on one side, undici's dispatch on the other, bytes passed through.
import { createServer, type ServerResponse } from "node:http";
import { Agent, type Dispatcher } from "undici";

const [port = "", upstream = ""] = process.argv.slice(2);
const agent = new Agent({ connections: 200, headersTimeout: 0, bodyTimeout: 0 });
const origin = `http://127.0.0.1:${upstream}`;

createServer((request, response) => {
  const pieces: Buffer[] = [];
  request.on("data", (piece: Buffer) => pieces.push(piece));
  request.on("end", () => {
    const { url: path = "/", method = "GET" } = request;
    const body = pieces.length === 0 ? null : Buffer.concat(pieces);
    const { authorization = "", "content-type": type = "application/json" } = request.headers;
    agent.dispatch({ origin, path, method, headers: { authorization, "content-type": type }, body }, passOn(response));
  });
}).listen(Number(port), "127.0.0.1");

function passOn(response: ServerResponse): Dispatcher.DispatchHandler {
  const pieces: Buffer[] = [];
  let status = 502;
  return {
    onRequestStart: () => undefined,
    onResponseStart: (_controller, code) => void (status = code),
    onResponseData: (_controller, piece) => void pieces.push(piece),
    onResponseEnd() {
      const body = Buffer.concat(pieces);
      response.writeHead(status, { "content-type": "application/json", "content-length": String(body.length) });
      response.end(body);
    },
    onResponseError: () => void response.destroy(),
  };
}
