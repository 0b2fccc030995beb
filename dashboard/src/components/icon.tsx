/** Line drawings on a grid of 16, one path each. */
const PATHS = {
  overview: "M2.5 8.5 8 3l5.5 5.5M4 7.5V13h8V7.5M6.75 13V9.5h2.5V13",
  runs: "M2.5 4h7M5.5 8h8M3.5 12h6",
  suggestions: "M6 13h4M6.5 11c0-1.6-2-2.4-2-5a3.5 3.5 0 0 1 7 0c0 2.6-2 3.4-2 5z",
  patterns: "M2.5 2.5v11h11M5.5 9.5h.01M8 6.5h.01M8 10.5h.01M10.5 7.5h.01M12.5 4.5h.01",
  done: "M3 8.5 6.5 12 13 4.5",
  failed: "M4 4l8 8M12 4l-8 8",
  running: "M1.5 6c1.6-2 3.2-2 4.9 0s3.2 2 4.8 0 2.4-1.7 3.3-1M1.5 10.5c1.6-2 3.2-2 4.9 0s3.2 2 4.8 0 2.4-1.7 3.3-1",
  queued: "M3.5 3.5h9M3.5 8h9M3.5 12.5h5",
  waiting: "M4.5 2.5h7M4.5 13.5h7M5.5 2.5c0 3.5 5 4 5 5.5s-5 2-5 5.5M10.5 2.5c0 3.5-5 4-5 5.5s5 2 5 5.5",
  canceled: "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM4.2 4.2l7.6 7.6",
  draft: "M3 13l.8-3 6.9-6.9a1.4 1.4 0 0 1 2 2L5.8 12.2 3 13z",
  play: "M5 3.2v9.6L12.5 8z",
  retry: "M13 8a5 5 0 1 1-1.6-3.7M13 2.5v3h-3",
  stop: "M4 4h8v8H4z",
  info: "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM8 7.5v3.2M8 5.2h.01",
  warning: "M8 2.8 14 13H2zM8 6.8v2.7M8 11.3h.01",
  menu: "M2.5 4.5h11M2.5 8h11M2.5 11.5h11",
  chevron: "M6 3.5 10.5 8 6 12.5",
  clock: "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM8 5v3l2 1.5",
  cache:
    "M3 4.2C3 3.2 5.2 2.5 8 2.5s5 .7 5 1.7-2.2 1.7-5 1.7-5-.7-5-1.7zM3 4.2v7.6c0 1 2.2 1.7 5 1.7s5-.7 5-1.7V4.2M3 8c0 1 2.2 1.7 5 1.7S13 9 13 8",
  calls: "M2.5 3.5h11v7h-6L4.5 13v-2.5h-2zM5.5 7h.01M8 7h.01M10.5 7h.01",
  performance: "M2.5 13.5h11M4.5 13.5V9M8 13.5V3.5M11.5 13.5v-7",
  audit: "M4 2.5h8v11H4zM6 5.5h4M6 8h4M6 10.5h2.5",
  search: "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.3 10.3l3.2 3.2",
  tag: "M2.5 2.5h5l6 6-5 5-6-6zM5.3 5.3h.01",
  trash: "M3 4.5h10M6.2 4.5v-2h3.6v2M4.5 4.5l.6 9h5.8l.6-9",
  home: "M2.5 8 8 3l5.5 5M4.5 6.5V13h7V6.5",
} as const;

export type IconName = keyof typeof PATHS;

/** A drawing beside words; it says nothing by itself. */
export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" width={size} height={size} aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
