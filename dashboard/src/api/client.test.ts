import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ApiError } from "./api-error.ts";
import { createApiClient } from "./client.ts";

function clientAnswering(answer: () => Response | Promise<Response>) {
  const requests: { path: unknown; init: RequestInit | undefined }[] = [];
  const client = createApiClient(async (path, init) => {
    requests.push({ path, init });
    return answer();
  });
  return { client, requests };
}

async function errorOf(promise: Promise<unknown>): Promise<ApiError> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof ApiError, String(error));
    return error;
  }
  return assert.fail("it succeeded");
}

describe("the API client", () => {
  it("gives the body of a good answer", async () => {
    const { client } = clientAnswering(() => Response.json({ items: [1], total: 1, next: null }));
    assert.deepEqual(await client.get("/api/runs"), { items: [1], total: 1, next: null });
  });

  it("sends JSON", async () => {
    const { client, requests } = clientAnswering(() => Response.json({ id: "r1", isNew: true }, { status: 202 }));
    await client.post("/api/automations/home.daily/runs", { input: {} });
    assert.equal(requests[0]?.init?.method, "POST");
    assert.equal(requests[0].init.body, '{"input":{}}');
    assert.equal(new Headers(requests[0].init.headers).get("content-type"), "application/json");
  });

  it("turns a problem document into an error with its code and advice", async () => {
    const problem = {
      title: "The suggestion is in a state that does not allow this",
      detail: "s1 was rejected.",
      code: "SUGGESTION_STATE",
      advice: "Load it again.",
      requestId: "q7",
    };
    const { client } = clientAnswering(() => Response.json(problem, { status: 409 }));
    const { fields } = await errorOf(client.post("/api/home/suggestions/s1/approve"));
    assert.deepEqual(
      [fields.code, fields.detail, fields.advice, fields.status, fields.requestId],
      ["SUGGESTION_STATE", "s1 was rejected.", "Load it again.", 409, "q7"],
    );
  });

  it("makes a usable error of an answer that explains nothing", async () => {
    const { client } = clientAnswering(() => new Response("<h1>Bad gateway</h1>", { status: 502 }));
    const { fields } = await errorOf(client.get("/api/runs"));
    assert.equal(fields.code, "HTTP_502");
    assert.match(fields.advice, /log/);
  });

  it("says that Millrace does not answer when the line is cut", async () => {
    const { client } = clientAnswering(() => Promise.reject(new TypeError("fetch failed")));
    const error = await errorOf(client.get("/api/runs"));
    assert.equal(error.fields.code, "UNREACHABLE");
    assert.ok(error.cause instanceof TypeError);
  });

  it("passes an abort on as an abort", async () => {
    const controller = new AbortController();
    const { client } = clientAnswering(() => {
      controller.abort();
      throw controller.signal.reason;
    });
    await assert.rejects(client.get("/api/runs", controller.signal), { name: "AbortError" });
  });

  it("reads why Millrace is not ready although the status is 503", async () => {
    const { client } = clientAnswering(() => Response.json({ ready: false }, { status: 503 }));
    assert.deepEqual(await client.get("/api/ready"), { ready: false });
  });
});
