/** When the simulated models were made; only the shape matters. */
const CREATED = "2026-01-01T00:00:00Z";

/** A model as both providers describe theirs, in one object. */
function describe(id: string) {
  const owner = { object: "model", owned_by: "simulator", created: Date.parse(CREATED) / 1_000 };
  return { id, type: "model", display_name: id, created_at: CREATED, ...owner };
}

/** The list that both providers' clients read. */
export function listModels(models: readonly string[]) {
  return {
    object: "list",
    data: models.map(describe),
    has_more: false,
    first_id: models[0] ?? null,
    last_id: models.at(-1) ?? null,
  };
}

/** One model by its id, as a path holds it; undefined when it is not in the list. */
export function oneModel(models: readonly string[], encoded: string) {
  const id = models.find((model) => model === encoded || encodeURIComponent(model) === encoded);
  return id === undefined ? undefined : describe(id);
}
