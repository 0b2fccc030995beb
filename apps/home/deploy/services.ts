import type { ConfigObject } from "./automation-config.ts";

/** A call of a service, without its target. */
export interface ServiceCall {
  readonly service: string;
  readonly data?: ConfigObject;
}

const ON_OFF = ["light", "switch", "fan", "input_boolean", "humidifier", "siren", "remote", "group"];
const TURNS: Readonly<Record<string, string>> = { on: "turn_on", off: "turn_off" };

/** Services that bring an entity of a domain to a state, by domain and state. */
const SERVICES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ...Object.fromEntries(ON_OFF.map((domain) => [domain, TURNS])),
  cover: { open: "open_cover", closed: "close_cover" },
  valve: { open: "open_valve", closed: "close_valve" },
  lock: { locked: "lock", unlocked: "unlock" },
  media_player: { on: "turn_on", off: "turn_off", playing: "media_play", paused: "media_pause", idle: "media_stop" },
  vacuum: { cleaning: "start", docked: "return_to_base", paused: "pause" },
  lawn_mower: { mowing: "start_mowing", docked: "dock", paused: "pause" },
  alarm_control_panel: {
    armed_home: "alarm_arm_home",
    armed_away: "alarm_arm_away",
    armed_night: "alarm_arm_night",
    disarmed: "alarm_disarm",
  },
};
/** Domains whose states are options of a service. */
const OPTIONS: Readonly<Record<string, { readonly service: string; readonly field: string }>> = {
  climate: { service: "climate.set_hvac_mode", field: "hvac_mode" },
  water_heater: { service: "water_heater.set_operation_mode", field: "operation_mode" },
  input_select: { service: "input_select.select_option", field: "option" },
  select: { service: "select.select_option", field: "option" },
};

/** Every service that a rule can become; nothing else is deployed. */
export const ALLOWED_SERVICES: ReadonlySet<string> = new Set([
  ...Object.entries(SERVICES).flatMap(([domain, states]) => Object.values(states).map((name) => `${domain}.${name}`)),
  ...Object.values(OPTIONS).map(({ service }) => service),
  "climate.set_temperature",
  "light.toggle",
  "switch.toggle",
]);

export function domainOf(entityId: string): string {
  const dot = entityId.indexOf(".");
  return dot < 0 ? "" : entityId.slice(0, dot);
}

/** The call that brings an entity to a state; undefined when there is none. */
export function callFor(entityId: string, to: string): ServiceCall | undefined {
  const domain = domainOf(entityId);
  const option = OPTIONS[domain];
  if (option !== undefined) return { service: option.service, data: { [option.field]: to } };
  const name = SERVICES[domain]?.[to];
  return name === undefined ? undefined : { service: `${domain}.${name}` };
}

/** The state a call brings its target to; undefined when it is none that a rule knows. */
export function stateAfter({ service, data = {} }: ServiceCall): string | undefined {
  const domain = domainOf(service);
  const option = OPTIONS[domain];
  if (option?.service === service) {
    const value = data[option.field];
    return typeof value === "string" ? value : undefined;
  }
  // The generic service works on entities of every domain.
  const states = domain === "homeassistant" ? { on: "turn_on", off: "turn_off" } : SERVICES[domain];
  const name = service.slice(domain.length + 1);
  return Object.entries(states ?? {}).find(([, each]) => each === name)?.[0];
}
