/** A plain value of an automation. */
export type ConfigValue = string | number | boolean | null | readonly ConfigValue[] | ConfigObject;

export interface ConfigObject {
  readonly [key: string]: ConfigValue;
}

/** An automation as Home Assistant stores it: what its editor writes and its configuration API takes. */
export type AutomationConfig = ConfigObject;

export function isObject(value: unknown): value is ConfigObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Home Assistant takes a single thing wherever it takes a list. */
export function listOf(value: ConfigValue | undefined): readonly ConfigValue[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? (value as readonly ConfigValue[]) : [value];
}
