/** The end of an id: ids begin with their time, so that the end tells them apart. */
export function shortId(id: string): string {
  return id.length <= 12 ? id : `…${id.slice(-8)}`;
}
