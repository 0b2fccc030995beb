/** Domains whose states are things that people and devices do. What is not here is a measurement, a picture or a schedule of the software. */
const DOMAINS: ReadonlySet<string> = new Set(
  (
    "light switch fan cover lock climate media_player binary_sensor person device_tracker input_boolean " +
    "input_select select vacuum humidifier water_heater alarm_control_panel valve siren remote lawn_mower " +
    "sensor group"
  ).split(" "),
);

/** Asks whether the changes of an entity are kept: those of measurements, which change all the time, are not. */
export function isWorthKeeping(entityId: string, attributes: Readonly<Record<string, unknown>>): boolean {
  const domain = entityId.slice(0, entityId.indexOf("."));
  if (!DOMAINS.has(domain)) return false;
  if (domain !== "sensor") return true;
  return (
    attributes["unit_of_measurement"] === undefined &&
    attributes["state_class"] === undefined &&
    attributes["device_class"] !== "timestamp"
  );
}
