import type { Entity } from "../domain/series.ts";

function entity(id: string, area: string, deviceClass: string | null = null): Entity {
  return { id, area, deviceClass };
}

/** Everything in the made-up home. */
export const HOUSEHOLD: readonly Entity[] = [
  entity("binary_sensor.front_door", "Hall", "door"),
  entity("lock.front_door", "Hall", "lock"),
  entity("binary_sensor.robin_home", "Hall", "presence"),
  entity("light.hall", "Hall"),
  entity("binary_sensor.hall_motion", "Hall", "motion"),
  entity("binary_sensor.motion_at_home", "Hall", "motion"),
  entity("light.living_room_lamp", "Living room"),
  entity("light.living_room_ceiling", "Living room"),
  entity("light.living_room_reading", "Living room"),
  entity("media_player.living_room_tv", "Living room", "tv"),
  entity("cover.living_room_blinds", "Living room", "blind"),
  entity("binary_sensor.living_room_motion", "Living room", "motion"),
  entity("light.kitchen_ceiling", "Kitchen"),
  entity("light.kitchen_counter", "Kitchen"),
  entity("switch.kitchen_kettle", "Kitchen", "outlet"),
  entity("fan.kitchen_hood", "Kitchen"),
  entity("binary_sensor.kitchen_motion", "Kitchen", "motion"),
  entity("binary_sensor.fridge_door", "Kitchen", "door"),
  entity("light.bedroom_ceiling", "Bedroom"),
  entity("light.bedroom_bedside", "Bedroom"),
  entity("cover.bedroom_blinds", "Bedroom", "blind"),
  entity("switch.bedroom_charger", "Bedroom", "outlet"),
  entity("climate.bedroom", "Bedroom"),
  entity("binary_sensor.bedroom_motion", "Bedroom", "motion"),
  entity("light.bathroom", "Bathroom"),
  entity("fan.bathroom", "Bathroom"),
  entity("binary_sensor.bathroom_motion", "Bathroom", "motion"),
  entity("binary_sensor.bathroom_humid", "Bathroom", "moisture"),
  entity("light.study_desk", "Study"),
  entity("switch.study_monitor", "Study", "outlet"),
  entity("media_player.study_speaker", "Study", "speaker"),
  entity("light.utility", "Utility room"),
  entity("binary_sensor.utility_door", "Utility room", "door"),
  entity("switch.washing_machine", "Utility room", "outlet"),
  entity("light.garden_path", "Garden"),
];

const BY_ID = new Map(HOUSEHOLD.map((item) => [item.id, item]));

/** Finds an entity of the home; throws RangeError for one that it does not have. */
export function requireEntity(id: string): Entity {
  const found = BY_ID.get(id);
  if (found === undefined) throw new RangeError(`The sample home has no ${id}.`);
  return found;
}
