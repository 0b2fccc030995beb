/** The mark: a mill wheel over its water. */
export function Logo({ size = 36 }: { readonly size?: number }) {
  return (
    <svg class="logo" viewBox="0 0 40 40" width={size} height={size} aria-hidden="true" focusable="false">
      <g class="logo-wheel">
        <circle cx="20" cy="17" r="9.5" />
        <path d="M20 3v28M7.88 10l24.24 14M7.88 24l24.24-14" />
      </g>
      <path
        class="logo-paddles"
        d="M16.6 3h6.8M16.6 31h6.8M6.18 12.94l3.4-5.88M30.42 26.94l3.4-5.88M6.18 21.06l3.4 5.88M30.42 7.06l3.4 5.88"
      />
      <circle class="logo-hub" cx="20" cy="17" r="3.4" />
      <path class="logo-water" d="M2 36c3-3.4 6-3.4 9 0s6 3.4 9 0 6-3.4 9 0 6 3.4 9 0" />
    </svg>
  );
}
