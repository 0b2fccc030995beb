/** The id of a suggestion's place on its page, to link to it. */
export function suggestionAnchor(id: string): string {
  return `suggestion-${id}`;
}
