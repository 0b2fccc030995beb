import type { LineLayout } from "../layout.ts";
import { shorten, toEvent } from "../event-fields.ts";
import { slugOf } from "../slug.ts";

const LINE = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?[\t ]+[\w-]+[\t ]+(?:ON|OFF)\s*$/i;

/** `date time, sensor, ON|OFF`, split by tabs. */
export const casas: LineLayout = {
  name: "on/off lines",
  recognise({ lines, zone }) {
    if (!lines.some((line) => LINE.test(line))) return undefined;
    return {
      headerLines: 0,
      read(line) {
        const [date = "", time = "", sensor = "", state = "", ...rest] = line.trim().split(/\s+/);
        if (rest.length > 0 || state === "") return { reason: "not a time, a sensor and ON or OFF" };
        if (!/^(?:on|off)$/i.test(state)) return { reason: `"${shorten(state)}" is neither ON nor OFF` };
        const name = slugOf(sensor);
        return toEvent({ time: `${date} ${time}`, entityId: name && `binary_sensor.${name}`, state }, zone);
      },
    };
  },
};
