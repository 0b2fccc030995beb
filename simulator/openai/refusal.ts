/** What a model says that refuses. */
export const REFUSAL = "I'm sorry, I can't help with that.";
