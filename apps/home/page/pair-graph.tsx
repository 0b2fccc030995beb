import { formatPercent } from "../../../dashboard/src/format/count.ts";
import { useWidth } from "../../../dashboard/src/data/use-width.ts";
import { deviceName } from "./device-name.ts";
import type { PairLink } from "./pair-links.ts";

const ROW = 28;
const TOP = 16;

/** Which device follows which: causes at the left, what follows at the right, thicker where it is surer. */
export function PairGraph({ links }: { readonly links: readonly PairLink[] }) {
  const { ref, width } = useWidth<HTMLDivElement>();
  const left = [...new Set(links.map(({ from }) => from))];
  const right = [...new Set(links.map(({ to }) => to))];
  const height = TOP + ROW * Math.max(left.length, right.length);
  const names = Math.min(240, width * 0.38);
  const yOf = (list: readonly string[], id: string): number => TOP + ROW * list.indexOf(id);
  const bend = width / 2;
  return (
    <div ref={ref}>
      {width > 0 && (
        <svg
          class="pair-graph"
          width={width}
          height={height}
          viewBox={`0 0 ${width} ${height}`}
          role="img"
          aria-label={links
            .map(
              ({ from, to, confidence }) =>
                `${deviceName(to)} follows ${deviceName(from)}, ${formatPercent(confidence)}`,
            )
            .join("; ")}
        >
          {links.map(({ from, to, confidence, habits }) => {
            const [y1, y2] = [yOf(left, from), yOf(right, to)];
            return (
              <path
                key={`${from} ${to}`}
                class="pair-link"
                stroke-width={1 + 5 * confidence ** 2}
                d={`M${names} ${y1}C${bend} ${y1} ${bend} ${y2} ${width - names} ${y2}`}
              >
                <title>
                  {`${deviceName(to)} follows ${deviceName(from)}: ${formatPercent(confidence)}, ${habits} ${habits === 1 ? "habit" : "habits"}`}
                </title>
              </path>
            );
          })}
          {left.map((id) => (
            <text
              key={id}
              class="pair-name"
              x={names - 8}
              y={yOf(left, id)}
              text-anchor="end"
              dominant-baseline="middle"
            >
              {short(deviceName(id), names)}
            </text>
          ))}
          {right.map((id) => (
            <text key={id} class="pair-name" x={width - names + 8} y={yOf(right, id)} dominant-baseline="middle">
              {short(deviceName(id), names)}
            </text>
          ))}
        </svg>
      )}
    </div>
  );
}

/** About seven pixels a letter. */
function short(name: string, room: number): string {
  const most = Math.max(4, Math.floor(room / 7));
  return name.length <= most ? name : `${name.slice(0, most - 1)}…`;
}
