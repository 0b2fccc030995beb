const WIDTH = 120;
const HEIGHT = 28;

/** How something went, beside its figure; it says nothing by itself. */
export function Sparkline({ values }: { readonly values: readonly number[] }) {
  const top = Math.max(1e-9, ...values);
  const last = Math.max(1, values.length - 1);
  const points = values.map((value, index) => `${(index / last) * WIDTH} ${HEIGHT - 1 - (value / top) * (HEIGHT - 3)}`);
  return (
    <svg class="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      {points.length > 1 && (
        <>
          <path class="sparkline-area" d={`M0 ${HEIGHT}L${points.join("L")}L${WIDTH} ${HEIGHT}z`} />
          <path class="sparkline-line" d={`M${points.join("L")}`} />
        </>
      )}
    </svg>
  );
}
