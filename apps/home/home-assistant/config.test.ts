import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HomeAssistants } from "./config.ts";

function mistakeIn(setting: unknown): string | undefined {
  const issue = HomeAssistants.safeParse(setting).error?.issues[0];
  return issue && [...issue.path, issue.message].join(" ");
}

describe("the setting of a Home Assistant", () => {
  it("takes one home or several, and an address with /api at its end", () => {
    const home = { url: "http://homeassistant.local:8123/api/", token: "t" };
    assert.deepEqual(
      HomeAssistants.parse([home, { ...home, name: "cabin" }]).map(({ url, name }) => `${name} ${url}`),
      ["home http://homeassistant.local:8123", "cabin http://homeassistant.local:8123"],
    );
    assert.equal(HomeAssistants.parse(home).length, 1);
  });

  it("names the field that is wrong or missing, in one home and in a list", () => {
    const url = "http://homeassistant.local:8123";
    assert.equal(mistakeIn({ url }), "token must be a long-lived access token");
    assert.equal(mistakeIn({ url, token: " " }), "token must be a long-lived access token");
    assert.match(mistakeIn({ url: "homeassistant.local:8123", token: "t" }) ?? "", /^url must be an address such as/);
    assert.match(
      mistakeIn([
        { url, token: "t" },
        { url, token: "" },
      ]) ?? "",
      /^1[ .]token must be/,
    );
    assert.equal(mistakeIn("http://x"), "must hold url and token, or be a list of such");
  });
});
