/* What was learned about one entry: how often its answer was right, and how often wrong, at which similarity. */

export interface Feedback {
  readonly similarity: number;
  readonly isRight: boolean;
}

/** Kept per entry at most; the oldest go. */
export const MOST_FEEDBACK = 50;
const STEPS = 25;
/** Holds the two parameters near their start while there is little to learn from. */
const PRIOR = 0.05;
/** One-sided 95 %. */
const Z = 1.645;

/**
 * Upper bound of the chance that an entry is wrong at a similarity: a logistic fit over its feedback, plus 1.645 standard errors of the fit.
 * Undefined with no feedback at all.
 */
export function errorBound(feedback: readonly Feedback[], similarity: number): number | undefined {
  if (feedback.length === 0) return undefined;
  const points = feedback.map((entry) => ({ x: toFeature(entry.similarity), y: entry.isRight ? 0 : 1 }));
  let [slope, offset] = [-1, 0];
  let information = { a: 1, b: 0, c: 1 };
  for (let step = 0; step < STEPS; step++) {
    let [gradientSlope, gradientOffset] = [PRIOR * (slope + 1), PRIOR * offset];
    information = { a: PRIOR, b: 0, c: PRIOR };
    for (const { x, y } of points) {
      const chance = sigmoid(slope * x + offset);
      const weight = Math.max(chance * (1 - chance), 1e-6);
      gradientSlope += (chance - y) * x;
      gradientOffset += chance - y;
      information = { a: information.a + weight * x * x, b: information.b + weight * x, c: information.c + weight };
    }
    const determinant = information.a * information.c - information.b ** 2;
    slope -= clamp((information.c * gradientSlope - information.b * gradientOffset) / determinant);
    offset -= clamp((information.a * gradientOffset - information.b * gradientSlope) / determinant);
  }
  const x = toFeature(similarity);
  const determinant = information.a * information.c - information.b ** 2;
  const variance = (information.c * x * x - 2 * information.b * x + information.a) / determinant;
  return sigmoid(slope * x + offset + Z * Math.sqrt(Math.max(variance, 0)));
}

/** Similarities crowd near 1: spread them. */
function toFeature(similarity: number): number {
  return (similarity - 0.85) * 10;
}

function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value));
}

function clamp(step: number): number {
  return Math.max(-2, Math.min(2, step));
}
