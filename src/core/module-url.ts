/**
 * The address of a module beside another one, for a worker thread: `.ts` while the source itself runs, `.js` in the published package.
 * Give `import.meta.url` and the neighbour's name without an ending.
 */
export function moduleUrl(callerUrl: string, neighbour: string): URL {
  const extension = callerUrl.endsWith(".ts") ? ".ts" : ".js";
  return new URL(`${neighbour}${extension}`, callerUrl);
}
