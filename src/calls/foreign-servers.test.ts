import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { z } from "zod";
import { systemClock } from "../core/clock.ts";
import { createEvents } from "../core/events.ts";
import { createLog } from "../core/log.ts";
import type { WireProviderConfig } from "../model/list-models.ts";
import type { Ai } from "./ai.ts";
import { type AiFactory, createAiFactory } from "./create-ai.ts";

type Answering = (response: ServerResponse, body: string, request: IncomingMessage) => void;

interface Foreign extends AsyncDisposable {
  readonly ai: Ai;
  readonly factory: AiFactory;
  /** Bodies of the requests so far. */
  readonly bodies: readonly string[];
  readonly closeIdle: () => void;
}

/** A server that speaks as it likes: each request gets the next answer, the last one for ever. */
async function open(answers: readonly Answering[], kind: WireProviderConfig["kind"] = "openai"): Promise<Foreign> {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (piece: string) => (body += piece));
    request.on("end", () => {
      bodies.push(body);
      (answers[bodies.length - 1] ?? answers.at(-1))?.(response, body, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const factory = createAiFactory({
    config: {
      providers: { it: { kind, apiKey: "a-key", baseUrl } },
      models: { fast: "it/m" },
      prices: {},
      calls: { parallel: 100 },
    },
    clock: systemClock,
    random: { next: () => 0 },
    events: createEvents(),
    log: createLog({ level: "error" }),
  });
  return {
    factory,
    ai: factory.forRun({ id: "run-1", signal: new AbortController().signal }),
    bodies,
    closeIdle: () => server.closeIdleConnections(),
    async [Symbol.asyncDispose]() {
      await factory.close();
      server.close();
      server.closeAllConnections();
    },
  };
}

function send(status: number, body: unknown, type = "application/json"): Answering {
  return (response) => {
    response.writeHead(status, { "content-type": type });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };
}

function says(content: string): Answering {
  const choices = [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }];
  const usage = { prompt_tokens: 5, completion_tokens: 5, total_tokens: 10 };
  return send(200, { id: "c", object: "chat.completion", created: 1, model: "m", choices, usage });
}

const Habit = z.object({ title: z.string(), hour: z.int() });
const HABIT = { title: "Läuft", hour: 7 };

describe("a call to a server that is not as it should be", () => {
  it("says that the base URL is wrong when a page or a redirect comes back", async () => {
    for (const answer of [send(404, "<html>Not found</html>", "text/html"), send(308, ""), send(405, "")]) {
      await using foreign = await open([answer]);
      await assert.rejects(foreign.ai.text({ prompt: "hello" }), /is not at the base URL that is configured/);
      assert.equal(foreign.bodies.length, 1);
    }
  });

  it("tells a gateway's error under status 200 as what it is, and does not pay for it again", async () => {
    const error = { type: "insufficient_quota", code: "insufficient_quota", message: "Nothing left" };
    await using foreign = await open([send(200, { error })]);
    await assert.rejects(foreign.ai.text({ prompt: "hello" }), /spend limit is used up \(200\): Nothing left/);
    assert.equal(foreign.bodies.length, 1);
  });

  it("asks again after an answer without choices and after a page in the place of an answer", async () => {
    const empty = send(200, { id: "c", object: "chat.completion", created: 1, model: "m", choices: [] });
    await using foreign = await open([empty, send(200, "<html>", "text/html"), says("at last")]);
    const answer = await foreign.ai.text({ prompt: "hello" });
    assert.deepEqual([answer.value, answer.requests], ["at last", 3]);
  });

  it("gets over a kept connection which the server closed meanwhile", async () => {
    await using foreign = await open([says("one")]);
    for (let turn = 0; turn < 5; turn++) {
      assert.equal((await foreign.ai.text({ prompt: `turn ${turn}` })).value, "one");
      foreign.closeIdle();
    }
  });

  it("carries a prompt of a megabyte beyond ASCII whole", async () => {
    await using foreign = await open([says("read")]);
    const prompt = "é😀".repeat(170_000);
    await foreign.ai.text({ prompt });
    assert.ok(foreign.bodies[0]?.includes(prompt));
  });

  it("frees the sockets of calls that are called off, and of those in flight when it closes", async () => {
    let arrived = 0;
    let freed = 0;
    const hang: Answering = (response) => {
      arrived += 1;
      response.on("close", () => (freed += 1));
    };
    await using foreign = await open([hang]);
    const until = async (isTrue: () => boolean): Promise<void> => {
      while (!isTrue()) await new Promise((resolve) => setImmediate(resolve));
    };
    const caller = new AbortController();
    const ask = (signal?: AbortSignal) =>
      assert.rejects(foreign.ai.text({ prompt: "x", rules: () => "r", ...(signal === undefined ? {} : { signal }) }), {
        code: "CALL_ABORTED",
      });
    const calledOff = Array.from({ length: 10 }, () => ask(caller.signal));
    await until(() => arrived === 10);
    caller.abort();
    await Promise.all(calledOff);
    await until(() => freed === 10);
    const inFlight = Array.from({ length: 50 }, () => ask());
    await until(() => arrived === 60);
    await foreign.factory.close();
    await Promise.all(inFlight);
    await until(() => freed === 60);
    await ask();
    const probes = await foreign.factory.probe();
    assert.deepEqual(
      probes.map(({ detail }) => detail),
      ["not asked to the end"],
    );
    assert.equal(arrived, 60);
  });
});

describe("an object from a server that is not as it should be", () => {
  for (const kind of ["openai", "openai-compatible"] as const) {
    it(`is asked for in words when a server behind ${kind} refuses a schema`, async () => {
      await using foreign = await open(
        [send(422, { detail: "no response_format" }), says(JSON.stringify(HABIT))],
        kind,
      );
      for (let turn = 1; turn <= 2; turn++) {
        const { value } = await foreign.ai.object({ prompt: "Suggest", schema: Habit });
        assert.deepEqual(value, HABIT);
        assert.equal(foreign.bodies.length, turn + 1);
      }
      assert.match(foreign.bodies[2] ?? "", /It must fit this JSON Schema/);
    });

    it(`claims to be strict behind ${kind} only for a schema that strict mode takes`, async () => {
      await using foreign = await open([says('{"title": "x", "hour": 7}')], kind);
      await foreign.ai.object({ prompt: "Suggest", schema: Habit });
      await foreign.ai.object({ prompt: "Suggest", schema: Habit.extend({ title: z.string().max(80) }) });
      const strict = foreign.bodies.map((body) => /"strict":(true|false)/.exec(body)?.[1]);
      assert.deepEqual(strict, ["true", "false"]);
    });
  }

  it("is mended by a server that paid no heed to the schema, since the repair tells it", async () => {
    await using foreign = await open([says("I would rather talk."), says(`Well: ${JSON.stringify(HABIT)} {sic}`)]);
    const { value, requests } = await foreign.ai.object({ prompt: "Suggest", schema: Habit });
    assert.deepEqual([value, requests], [HABIT, 2]);
    assert.match(foreign.bodies[1] ?? "", /I would rather talk\..*It must fit this JSON Schema:.*hour/);
  });

  it("is not asked for under a name that no provider takes", async () => {
    await using foreign = await open([says("{}")]);
    await assert.rejects(foreign.ai.object({ prompt: "x", schema: Habit, name: "my habit" }), {
      code: "INPUT_INVALID",
    });
    assert.equal(foreign.bodies.length, 0);
  });
});
