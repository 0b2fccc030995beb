import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { after, before, describe, it } from "node:test";
import { createManualClock } from "millrace/testing";
import { exampleRule } from "../patterns/example-rule.ts";
import { toHabit } from "../patterns/habit.ts";
import { doneAlready, rulesOf } from "./done-already.ts";

const MORNING = {
  id: "1",
  alias: "Morning",
  trigger: [
    { platform: "time", at: "07:00:00" },
    { platform: "state", entity_id: "binary_sensor.bed", to: "off" },
  ],
  action: [
    { service: "light.turn_on", target: { entity_id: ["light.kitchen_ceiling", "light.hall"] } },
    { service: "switch.turn_on", target: { entity_id: "switch.coffee" } },
    { delay: "00:01:00" },
  ],
};

describe("what the home does already", () => {
  let server: Server;
  let url = "";

  before(async () => {
    const states = [
      { entity_id: "automation.morning", state: "off", attributes: { id: "1", friendly_name: "Morning" } },
      { entity_id: "automation.by_hand", state: "on", attributes: { friendly_name: "By hand" } },
      { entity_id: "light.hall", state: "on", attributes: {} },
    ];
    server = createServer((request, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify(request.url === "/api/states" ? states : MORNING));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  });
  after(() => new Promise((resolve) => server.close(resolve)));

  it("is not suggested, also when it is switched off; everything else is", async () => {
    const time = (id: string, at: string, to = "on") =>
      toHabit(
        exampleRule({
          id,
          trigger: { type: "time", at },
          action: { entity_ids: ["light.kitchen_ceiling"], to },
        }),
      );
    const habits = [time("same", "07:10"), time("later", "09:00"), time("off", "07:10", "off")];
    const connection = { url, token: "t", fetch: globalThis.fetch, clock: createManualClock() };
    const done = await doneAlready({ connection, habits, signal: new AbortController().signal });
    assert.deepEqual(done, [{ ruleId: "same", automation: "automation.morning" }]);
  });

  it("reads each trigger and each call of an automation by itself, and leaves out what no rule can say", () => {
    assert.deepEqual(
      rulesOf(MORNING).map(({ trigger, action }) => [trigger.type, action.entity_ids.join("+")]),
      [
        ["time", "light.kitchen_ceiling+light.hall"],
        ["time", "switch.coffee"],
        ["state", "light.kitchen_ceiling+light.hall"],
        ["state", "switch.coffee"],
      ],
    );
  });
});
