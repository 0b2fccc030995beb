import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A provider that gives the same answer to everything at once, in a process of its own: what is measured is the client alone. */
const CHUNKS = 100;
const head = { id: "chatcmpl-1", created: 1_763_800_000, model: "fixed" };
const usage = { prompt_tokens: 20, completion_tokens: CHUNKS, total_tokens: 20 + CHUNKS };
const reply = JSON.stringify({
  ...head,
  object: "chat.completion",
  choices: [
    {
      index: 0,
      message: { role: "assistant", content: "An answer of some words. ".repeat(12) },
      finish_reason: "stop",
    },
  ],
  usage,
});
const chunk = (fields: object): string =>
  `data: ${JSON.stringify({ ...head, object: "chat.completion.chunk", ...fields })}\n\n`;
const choice = (delta: object, finish_reason: string | null = null): string =>
  chunk({ choices: [{ index: 0, delta, finish_reason }] });
const events = [
  choice({ role: "assistant", content: "" }),
  ...Array.from({ length: CHUNKS }, () => choice({ content: " a word" })),
  choice({}, "stop"),
  chunk({ choices: [], usage }),
  "data: [DONE]\n\n",
];

const server = createServer((request, response) => {
  let body = "";
  request.setEncoding("latin1").on("data", (piece: string) => (body += piece));
  request.on("end", () => {
    if (!body.includes('"stream":true')) {
      response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(reply) });
      response.end(reply);
      return;
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const event of events) response.write(event);
    response.end();
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => console.log((server.address() as AddressInfo).port));
process.once("disconnect", () => process.exit());
