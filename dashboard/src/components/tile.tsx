import { Sparkline } from "../charts/sparkline.tsx";

interface TileProps {
  readonly label: string;
  readonly value: string;
  readonly note: string;
  /** Where the figure comes from. */
  readonly href?: string;
  /** How it went lately. */
  readonly trend?: readonly number[];
}

/** A figure with its name. */
export function Tile({ label, value, note, href, trend }: TileProps) {
  return (
    <li class="tile">
      <p class="tile-label">{label}</p>
      <p class="tile-value">{value}</p>
      <p class="fine">{href === undefined ? note : <a href={href}>{note}</a>}</p>
      {trend && <Sparkline values={trend} />}
    </li>
  );
}
