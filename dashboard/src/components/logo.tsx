/** The mark: a mill wheel over its water. */
export function Logo({ size = 34 }: { readonly size?: number }) {
  return (
    <svg class="logo" viewBox="0 0 40 40" width={size} height={size} aria-hidden="true" focusable="false">
      <g class="logo-wheel">
        <circle cx="20" cy="17" r="9" />
        <path d="M20 4.5v25M7.5 17h25M11.16 8.16l17.68 17.68M28.84 8.16 11.16 25.84" />
      </g>
      <g class="logo-paddles">
        <path d="M17.5 4.5h5M17.5 29.5h5M7.5 14.5v5M32.5 14.5v5M9.39 9.93l3.54-3.54M27.07 6.39l3.54 3.54M9.39 24.07l3.54 3.54M30.61 24.07l-3.54 3.54" />
      </g>
      <circle class="logo-hub" cx="20" cy="17" r="3" />
      <path class="logo-water" d="M2.5 34.5c2.9-3.2 5.8-3.2 8.75 0s5.85 3.2 8.75 0 5.85-3.2 8.75 0 5.85 3.2 8.75 0" />
    </svg>
  );
}
