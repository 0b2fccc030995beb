/**
 * Says whether a value fits a JSON Schema as far as its commonest words tell: type, enum, const, properties, required, items, anyOf, and
 * objects that are closed. Other words are not looked at, so what fits here may still be refused above.
 */
export function fitsSchema(value: unknown, schema: unknown): boolean {
  if (!isObject(schema)) return schema !== false;
  const { type, enum: names, const: only, anyOf } = schema;
  if (type !== undefined && ![type].flat().some((name) => isOfType(value, name))) return false;
  if (Array.isArray(names) && !names.some((name) => isSame(name, value))) return false;
  if (only !== undefined && !isSame(only, value)) return false;
  if (Array.isArray(anyOf) && !anyOf.some((each) => fitsSchema(value, each))) return false;
  if (Array.isArray(value)) return value.every((item) => fitsSchema(item, schema["items"]));
  return !isObject(value) || fitsFields(value, schema);
}

type Fields = Readonly<Record<string, unknown>>;

function fitsFields(value: Fields, { properties = {}, required = [], additionalProperties }: Fields): boolean {
  const known = isObject(properties) ? properties : {};
  if (Array.isArray(required) && !required.every((name) => typeof name === "string" && Object.hasOwn(value, name))) {
    return false;
  }
  return Object.entries(value).every(([name, field]) =>
    fitsSchema(field, Object.hasOwn(known, name) ? known[name] : additionalProperties),
  );
}

function isOfType(value: unknown, type: unknown): boolean {
  switch (type) {
    case "object":
      return isObject(value);
    case "array":
      return Array.isArray(value);
    case "null":
      return value === null;
    case "integer":
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
