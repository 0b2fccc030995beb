import assert from "node:assert/strict";
import { connect } from "node:net";
import { describe, it } from "node:test";
import type Anthropic from "@anthropic-ai/sdk";
import { createManualClock } from "millrace/testing";
import { openClients, until } from "../test-clients.ts";

const MESSAGES = [{ role: "user" as const, content: "hello" }];

describe("instant mode", () => {
  it("gives both official clients the same whole answer each time, streamed where they ask for it", async () => {
    await using clients = await openClients({ isInstant: true });
    const chat = await clients.openai.chat.completions.create({ model: "any", messages: MESSAGES });
    const text = chat.choices[0]?.message.content ?? "";
    assert.ok(text.length > 50);
    const streamed = await clients.openai.chat.completions
      .stream({ model: "m", messages: MESSAGES })
      .finalChatCompletion();
    assert.equal(streamed.choices[0]?.message.content, text);
    const params: Anthropic.MessageCreateParamsNonStreaming = { model: "m", max_tokens: 9, messages: MESSAGES };
    const message = await clients.anthropic.messages.create(params);
    assert.deepEqual((await clients.anthropic.messages.stream(params).finalMessage()).content, message.content);
    assert.ok((await clients.openai.responses.create({ model: "m", input: "x" })).output_text.length > 50);
    assert.equal(clients.simulator.stats().requests, 5);
  });

  it("leaves other routes, and bodies of unknown length, to the real server, on the same connection", async () => {
    await using clients = await openClients({ isInstant: true });
    assert.equal((await clients.openai.models.list()).data.length, 2);
    assert.equal((await clients.control("reset")).status, 200);
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(Buffer.from(JSON.stringify({ model: "m", messages: MESSAGES })));
        controller.close();
      },
    });
    const init = { method: "POST", headers: { authorization: "Bearer k" }, body, duplex: "half" } as RequestInit;
    const answer = (await (await clients.get("/v1/chat/completions", init)).json()) as { model: string };
    assert.equal(answer.model, "m");
  });

  it("reads questions that come in pieces or two at once, answers in their order, and lets go when it stops", async () => {
    await using clients = await openClients({ isInstant: true });
    const question = (path: string, body: string): string =>
      `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
    const socket = connect(Number(new URL(clients.simulator.url).port), "127.0.0.1");
    let received = "";
    socket.setEncoding("utf8").on("data", (piece: string) => (received += piece));
    const whole = question("/v1/messages", '{"stream": true}') + question("/v1/chat/completions", "{}");
    for (const piece of [whole.slice(0, 10), whole.slice(10, 70), whole.slice(70)]) {
      socket.write(piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await until(() => received.includes('"chat.completion"') && received.endsWith("}"));
    assert.ok(received.indexOf("message_stop") < received.indexOf('"chat.completion"'));
    const closed = new Promise((resolve) => socket.once("close", resolve));
    await clients.simulator.stop();
    await closed;
  });

  it("waits its latency", async () => {
    const clock = createManualClock();
    await using clients = await openClients({ isInstant: true, latencyMs: 60, clock });
    let isAnswered = false;
    const answer = clients.openai.chat.completions
      .create({ model: "m", messages: MESSAGES })
      .then(() => (isAnswered = true));
    await until(() => clients.simulator.stats().requests === 1);
    await clock.advance(59);
    assert.equal(isAnswered, false);
    await clock.advance(1);
    await answer;
  });
});
