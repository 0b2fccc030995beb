/** A device's id for people: `light.kitchen_ceiling` is "Kitchen ceiling (light)". */
export function deviceName(entityId: string): string {
  const dot = entityId.indexOf(".");
  const words = entityId
    .slice(dot + 1)
    .replaceAll(/[_\s]+/g, " ")
    .trim();
  const name = words === "" ? entityId : words.slice(0, 1).toUpperCase() + words.slice(1);
  return dot <= 0 ? name : `${name} (${entityId.slice(0, dot).replaceAll("_", " ")})`;
}
