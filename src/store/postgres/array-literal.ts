/** A list as Postgres reads one: `{"a","b"}`. See "Array Input and Output Syntax" in its documentation. */
export function toArray(items: readonly (string | number)[]): string {
  const quoted = items.map((item) =>
    typeof item === "number" ? `${item}` : `"${item.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`,
  );
  return `{${quoted.join(",")}}`;
}
