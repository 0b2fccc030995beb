/** Stands where content will be, in about its size, so that nothing jumps when it comes. */
export function Skeleton({ rows, height }: { readonly rows: number; readonly height: number }) {
  return (
    <div class="skeleton" role="status">
      <span class="visually-hidden">Loading</span>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} class="skeleton-row" style={{ height: `${height}px` }} />
      ))}
    </div>
  );
}
