import type { ConfigObject, ConfigValue } from "./automation-config.ts";

/**
 * Writes an automation as YAML, as people read, export and paste it. Every text is quoted, and names as JSON writes them: YAML 1.1 would
 * take a bare `on` for true and `12:30:00` for a number.
 */
export function toYaml(config: ConfigObject): string {
  return `${linesOf(config, 0).join("\n")}\n`;
}

function linesOf(object: ConfigObject, depth: number): readonly string[] {
  return Object.entries(object).flatMap(([key, value]) => entryLines(key, value, depth));
}

function entryLines(key: string, value: ConfigValue, depth: number): readonly string[] {
  const indent = "  ".repeat(depth);
  if (isEmpty(value)) return [`${indent}${key}: ${Array.isArray(value) ? "[]" : "{}"}`];
  if (Array.isArray(value)) {
    const items = value as readonly ConfigValue[];
    return [`${indent}${key}:`, ...items.flatMap((item) => itemLines(item, depth + 1))];
  }
  if (typeof value === "object" && value !== null) {
    return [`${indent}${key}:`, ...linesOf(value as ConfigObject, depth + 1)];
  }
  return [`${indent}${key}: ${JSON.stringify(value)}`];
}

function itemLines(item: ConfigValue, depth: number): readonly string[] {
  const indent = "  ".repeat(depth);
  if (typeof item !== "object" || item === null || Array.isArray(item) || isEmpty(item)) {
    return [`${indent}- ${JSON.stringify(item)}`];
  }
  const [first = "", ...rest] = linesOf(item as ConfigObject, depth + 1);
  return [`${indent}- ${first.trimStart()}`, ...rest];
}

function isEmpty(value: ConfigValue): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}
