/** What is in the first list and not, or less often, in the second. */
export function residual<T>(left: readonly T[], right: readonly T[]): T[] {
  const rest = [...right];
  return left.filter((value) => {
    const at = rest.indexOf(value);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
}

/** How two lists differ, in words; undefined when they hold the same, in whatever order. */
export function differenceOf(left: readonly string[], right: readonly string[]): string | undefined {
  const onlyLeft = residual(left, right);
  const onlyRight = residual(right, left);
  if (onlyLeft.length + onlyRight.length === 0) return undefined;
  return `${onlyLeft.join(", ") || "nothing"} against ${onlyRight.join(", ") || "nothing"}`;
}
