/** How the run of a course is meant to end. */
export type CourseEnding = "done" | "failed" | "canceled";

/** Where one run of the course stands still until its process is killed. */
export interface CoursePoint {
  /** `in` a body, or `before` or `after` the store did what it was asked: see `standstill.ts`. Of two, the one that comes first. */
  readonly at: string;
  readonly ending: CourseEnding;
  /** The body that runs again afterwards, as its result was not stored. */
  readonly again?: string;
}

/** A body that is stored when it has ended: inside it, and before and after its result is stored. */
function around(step: string, body = step, ending: CourseEnding = "done"): readonly CoursePoint[] {
  return [
    { at: `in ${body}`, ending, again: body },
    { at: `before put ${step} done`, ending, again: body },
    { at: `after put ${step} done`, ending },
  ];
}

function both(what: string, ending: CourseEnding = "done"): readonly CoursePoint[] {
  return [
    { at: `before ${what}`, ending },
    { at: `after ${what}`, ending },
  ];
}

/** A machine that is too busy finds a sleep over before it has given the run back. */
const parks = both("park pause").map(({ at, ending }) => ({ at: `${at} or before put pause done`, ending }));

/** Every place at which a run can be killed, by the kind of what it is doing. */
export const COURSE_POINTS: Readonly<Record<string, readonly CoursePoint[]>> = {
  admission: [...both("admit course"), { at: "after claim course", ending: "done" }],
  run: around("book"),
  map: around("each:b"),
  tx: around("note"),
  cpu: around("crunch"),
  sleep: [...both("put pause open"), ...parks, ...both("put pause done")],
  send: [...both("emit told"), ...both("put tell done"), { at: "after claim echo", ending: "done" }],
  wait: [...both("put hear open"), ...both("park hear"), ...both("emit heard"), ...both("put hear done")],
  call: [
    ...both("admit helper"),
    ...both("put ask open"),
    ...both("park ask"),
    ...around("help"),
    ...both("finish helper"),
    ...both("put ask done"),
  ],
  end: both("finish course"),
  compensation: [
    ...both("undo course", "failed"),
    ...around("#undo:book", "unbook", "failed"),
    ...around("#failure", "tell of it", "failed"),
    ...both("finish course", "failed"),
  ],
  cancel: [...both("cancel course", "canceled"), ...around("#undo:book", "unbook", "canceled")],
};

export const ALL_POINTS = Object.values(COURSE_POINTS).flat();

/** What names a point, and the runs that stand still there. */
export function nameOf({ at, ending }: CoursePoint): string {
  return `${ending}, ${at}`;
}
