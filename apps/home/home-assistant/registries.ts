import type { Socket } from "./socket.ts";
import { isWorthKeeping } from "./worth-keeping.ts";

/** An entity of a home, with what its device and area add. */
export interface HomeEntity {
  readonly entityId: string;
  /** Of the entity's registry; stays when the entity is renamed. Null: the registry does not know it. */
  readonly registryId: string | null;
  readonly name: string | null;
  readonly area: string | null;
  readonly device: string | null;
  readonly deviceClass: string | null;
  readonly isDisabled: boolean;
  /** Whether its changes are things that people and devices do. */
  readonly isKept: boolean;
}

/** A state as the home has it now. */
export interface StateNow {
  readonly entityId: string;
  readonly state: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

type Entry = Readonly<Record<string, unknown>>;

/** Reads the registries of entities, devices and areas, and the states, which bear device classes and units. */
export async function readEntities(socket: Socket): Promise<readonly HomeEntity[]> {
  const [entities, devices, areas, states] = await Promise.all([
    list(socket, "config/entity_registry/list"),
    list(socket, "config/device_registry/list"),
    list(socket, "config/area_registry/list"),
    list(socket, "get_states"),
  ]);
  const areaNames = new Map(areas.map((area) => [area["area_id"], textOf(area["name"])]));
  const devicesById = new Map(devices.map((device) => [device["id"], device]));
  const registered = new Map(entities.map((entity) => [textOf(entity["entity_id"]) ?? "", entity]));
  const now = new Map(states.map(toStateNow).map((state) => [state.entityId, state]));
  const ids = [...new Set([...registered.keys(), ...now.keys()])].filter((id) => id.includes("."));
  return ids.sort().map((entityId) => {
    const entry = registered.get(entityId);
    const attributes = now.get(entityId)?.attributes ?? {};
    const device = devicesById.get(entry?.["device_id"]);
    return {
      entityId,
      registryId: textOf(entry?.["id"]),
      name: textOf(attributes["friendly_name"]) ?? textOf(entry?.["name"]) ?? textOf(entry?.["original_name"]),
      area: areaNames.get(entry?.["area_id"] ?? device?.["area_id"]) ?? null,
      device: textOf(device?.["name_by_user"]) ?? textOf(device?.["name"]),
      deviceClass: textOf(attributes["device_class"]),
      isDisabled: typeof entry?.["disabled_by"] === "string",
      isKept: isWorthKeeping(entityId, attributes),
    };
  });
}

export function toStateNow(entry: Readonly<Record<string, unknown>>): StateNow {
  const attributes = entry["attributes"];
  return {
    entityId: textOf(entry["entity_id"]) ?? "",
    state: textOf(entry["state"]) ?? "",
    attributes: typeof attributes === "object" && attributes !== null ? (attributes as Entry) : {},
  };
}

async function list(socket: Socket, command: string): Promise<readonly Entry[]> {
  const result = await socket.command(command);
  return Array.isArray(result) ? (result as readonly Entry[]) : [];
}

/** Names are people's, and end in lists and prompts: no longer than a line. */
function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value.replaceAll(/\p{Cc}/gu, " ").slice(0, 255) : null;
}
