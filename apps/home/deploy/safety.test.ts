import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ConfigObject, ConfigValue } from "./automation-config.ts";
import { checkSafety } from "./safety.ts";

const STATES = new Map(
  [
    { entityId: "switch.plug_3", state: "on", attributes: { friendly_name: "Oven in the kitchen" } },
    { entityId: "cover.left", state: "closed", attributes: { device_class: "garage" } },
    { entityId: "cover.blind", state: "open", attributes: { device_class: "blind" } },
  ].map((state) => [state.entityId, state]),
);
const DOOR: ConfigObject = { platform: "state", entity_id: "binary_sensor.door", to: "on" };

function call(service: string, entity: string, data: ConfigObject = {}): ConfigObject {
  return { service, target: { entity_id: entity }, data };
}

function ifThen(then: ConfigValue, rest: ConfigObject = {}): ConfigObject {
  // oxlint-disable-next-line unicorn/no-thenable -- Home Assistant's own key
  return { if: [], then, ...rest };
}

const LAMP = call("light.turn_on", "light.hall");

interface Options {
  readonly optIn?: readonly string[];
  readonly temperatureUnit?: "°C" | "°F";
}

function problemsOf(config: ConfigObject, { optIn = [], temperatureUnit = "°C" }: Options = {}): readonly string[] {
  const { problems } = checkSafety({ config, states: STATES, optIn, temperatureUnit });
  return problems.map(({ severity, rule, path }) => `${severity} ${rule} ${path}`);
}

function ofAction(action: ConfigObject, options?: Options): readonly string[] {
  return problemsOf({ trigger: [DOOR], action: [action] }, options);
}

function ofTrigger(trigger: ConfigObject): readonly string[] {
  return problemsOf({ triggers: [trigger], actions: [LAMP] });
}

describe("the safety of an automation", () => {
  it("has nothing against a lamp, in either generation of keys", () => {
    assert.deepEqual(problemsOf({ trigger: DOOR, action: LAMP }), []);
    const modern = { trigger: "state", entity_id: ["binary_sensor.door"], to: "on" };
    assert.deepEqual(
      problemsOf({ triggers: [modern], actions: [{ action: "light.turn_on", target: { entity_id: ["light.hall"] } }] }),
      [],
    );
  });

  it("lets nothing act on locks, alarms, garage doors, heating, ovens and valves that was not allowed by name", () => {
    const sensitive: readonly (readonly [string, string])[] = [
      ["lock.unlock", "lock.front"],
      ["lock.lock", "lock.front"],
      ["alarm_control_panel.alarm_disarm", "alarm_control_panel.home"],
      ["cover.open_cover", "cover.left"],
      ["cover.open_cover", "cover.garage"],
      ["climate.set_hvac_mode", "climate.living"],
      ["water_heater.set_operation_mode", "water_heater.tank"],
      ["valve.open_valve", "valve.water"],
      ["siren.turn_on", "siren.roof"],
      ["switch.turn_on", "switch.plug_3"],
      ["switch.turn_on", "switch.bathroom_heater"],
    ];
    for (const [service, entity] of sensitive) {
      assert.ok(ofAction(call(service, entity)).includes("critical opt-in actions/0"), `${service} ${entity}`);
      const allowed = ofAction(call(service, entity), { optIn: [entity] });
      assert.deepEqual(
        allowed.filter((problem) => !problem.startsWith("minor")),
        [],
        `${service} ${entity}`,
      );
    }
    assert.deepEqual(ofAction(call("cover.open_cover", "cover.blind")), []);
  });

  it("is not taken in by words inside of other words", () => {
    for (const entity of [
      "light.hall",
      "light.wall",
      "light.garage",
      "switch.block",
      "switch.calming_lamp",
      "switch.heaterless",
    ]) {
      assert.deepEqual(ofAction(call(`${entity.split(".")[0]}.turn_off`, entity)), [], entity);
    }
    assert.deepEqual(ofAction(call("light.turn_off", "all")), ["critical target-all actions/0"]);
  });

  it("allows no service but those that a rule can become", () => {
    const others = [
      "shell_command.x",
      "python_script.x",
      "homeassistant.restart",
      "homeassistant.stop",
      "automation.turn_off",
      "script.x",
      "hassio.host_reboot",
      "automation.reload",
      "scene.turn_on",
      "homeassistant.turn_off",
      "notify.all",
      "rest_command.x",
    ];
    for (const service of others) {
      assert.ok(ofAction(call(service, "light.hall")).includes("critical service actions/0"), service);
    }
  });

  it("sees what stands inside of choose, if, repeat, parallel and sequence, however deep, as lists and single things", () => {
    const bad = call("lock.unlock", "lock.front");
    const hidden: readonly (readonly [ConfigObject, string])[] = [
      [{ choose: [{ conditions: [], sequence: [bad] }] }, "actions/0/choose/0/sequence/0"],
      [{ choose: { conditions: [], sequence: bad } }, "actions/0/choose/0/sequence/0"],
      [{ choose: [], default: bad }, "actions/0/default/0"],
      [ifThen(LAMP, { else: [bad] }), "actions/0/else/0"],
      [ifThen(bad), "actions/0/then/0"],
      [{ repeat: { count: 2, sequence: bad } }, "actions/0/repeat/sequence/0"],
      [
        { repeat: { for_each: ["a"], sequence: [{ parallel: [LAMP, { sequence: [bad] }] }] } },
        "actions/0/repeat/sequence/0/parallel/1/sequence/0",
      ],
      [{ parallel: bad }, "actions/0/parallel/0"],
      [
        { sequence: [ifThen([{ choose: [{ conditions: [], sequence: [bad] }] }])] },
        "actions/0/sequence/0/then/0/choose/0/sequence/0",
      ],
    ];
    for (const [action, path] of hidden) {
      assert.ok(ofAction(action).includes(`critical opt-in ${path}`), `${path}: ${ofAction(action).join("; ")}`);
    }
  });

  it("reads durations as Home Assistant does", () => {
    assert.deepEqual(ofAction({ delay: "00:59" }), []);
    assert.deepEqual(ofAction({ delay: "02:00" }), ["major long-delay actions/0/delay"]);
    assert.deepEqual(ofAction({ delay: { hours: 1, seconds: 1 } }), ["major long-delay actions/0/delay"]);
    assert.deepEqual(ofAction({ delay: 3_600 }), []);
    assert.deepEqual(ofAction({ delay: "{{ x }}" }), ["major template actions/0/delay"]);
    const wait = (timeout?: string | number): ConfigObject => ({
      wait_for_trigger: [DOOR],
      ...(timeout === undefined ? {} : { timeout }),
    });
    assert.deepEqual(ofAction(wait()), ["major no-timeout actions/0"]);
    assert.deepEqual(ofAction(wait("00:10")), []);
    assert.deepEqual(ofAction(wait("00:00:10")), ["minor short-timeout actions/0/timeout"]);
    assert.deepEqual(ofAction(wait("01:30")), ["major long-timeout actions/0/timeout"]);
    assert.deepEqual(ofAction(wait("25:00")), ["critical long-timeout actions/0/timeout"]);
  });

  it("bounds repeats, and lets a list of things be gone through", () => {
    assert.deepEqual(ofAction({ repeat: { count: 100, sequence: [LAMP] } }), []);
    assert.deepEqual(ofAction({ repeat: { count: 101, sequence: [LAMP] } }), ["major many-repeats actions/0/repeat"]);
    assert.deepEqual(
      ofAction({ repeat: { while: [{ condition: "state", entity_id: "light.hall", state: "on" }], sequence: [LAMP] } }),
      ["major endless-repeat actions/0/repeat"],
    );
    assert.deepEqual(ofAction({ repeat: { for_each: ["a", "b"], sequence: [LAMP] } }), []);
  });

  it("knows temperatures by the home's unit", () => {
    const heat = (temperature: number): ConfigObject =>
      call("climate.set_temperature", "climate.living", { temperature, hvac_mode: "heat" });
    const optIn = ["climate.living"];
    const bad = (temperature: number, temperatureUnit: "°C" | "°F") =>
      ofAction(heat(temperature), { optIn, temperatureUnit }).filter((problem) => problem.includes("temperature"));
    assert.deepEqual(bad(21, "°C"), []);
    assert.deepEqual(bad(70, "°F"), []);
    assert.equal(bad(70, "°C").length, 1);
    assert.equal(bad(21, "°F").length, 1);
    const noMode = ofAction(call("climate.set_temperature", "climate.living", { temperature: 20 }), { optIn });
    assert.ok(noMode.includes("minor no-mode actions/0"));
  });

  it("finds triggers that fire too often or at anything", () => {
    assert.deepEqual(ofTrigger({ trigger: "time_pattern", minutes: "/1" }), ["critical too-often triggers/0"]);
    assert.deepEqual(ofTrigger({ platform: "time_pattern", seconds: "/10" }), ["critical too-often triggers/0"]);
    assert.deepEqual(ofTrigger({ platform: "time_pattern", hours: "*", minutes: "/15" }), []);
    assert.deepEqual(ofTrigger({ platform: "state", entity_id: "sensor.x" }), ["major any-change triggers/0"]);
    assert.deepEqual(ofTrigger({ triggers: [{ trigger: "state", entity_id: "sensor.x" }] }), [
      "major any-change triggers/0/triggers/0",
    ]);
    assert.deepEqual(ofTrigger({ trigger: "template", value_template: "{{ 1 }}" }), ["major template triggers/0"]);
  });

  it("does not judge what it cannot: templates, blueprints, scenes, events, whole areas and unknown actions", () => {
    const opaque: readonly ConfigObject[] = [
      { service: "{{ x }}" },
      call("light.turn_on", "{{ lamp }}"),
      { scene: "scene.evening" },
      { event: "go" },
      { something: "new" },
      { service: "light.turn_on" },
      { service: "light.turn_on", target: { area_id: "hall" } },
      { service: "light.turn_on", target: { label_id: ["x"] } },
      { device_id: "abc", type: "turn_on", domain: "light" },
    ];
    for (const action of opaque) {
      assert.ok(
        ofAction(action).some((problem) => problem.startsWith("critical")),
        JSON.stringify(action),
      );
    }
    assert.ok(problemsOf({ use_blueprint: { path: "a/b.yaml" } }).includes("critical blueprint "));
    assert.ok(
      ofAction(call("light.turn_on", "light.hall", { brightness: "{{ x }}" })).includes(
        "major template actions/0/data",
      ),
    );
    const areas = { service: "light.turn_on", target: { area_id: ["a", "b", "c", "d"] } };
    assert.ok(ofAction(areas).includes("major many-areas actions"));
  });

  it("finds an automation that triggers itself, and a heavy act without a condition", () => {
    assert.deepEqual(problemsOf({ trigger: { platform: "state", entity_id: "light.hall", to: "on" }, action: LAMP }), [
      "critical own-trigger actions/0",
    ]);
    const unlock = call("lock.unlock", "lock.front");
    const bare = problemsOf({ trigger: DOOR, action: unlock }, { optIn: ["lock.front"] });
    assert.deepEqual(bare, ["minor no-condition actions/0"]);
    const guarded = {
      trigger: DOOR,
      condition: [{ condition: "state", entity_id: "person.ada", state: "home" }],
      action: unlock,
    };
    assert.deepEqual(problemsOf(guarded, { optIn: ["lock.front"] }), []);
  });
});
