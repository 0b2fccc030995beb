// Loaded before a program, on each of its threads: a Date that is as many milliseconds away as the file says.
import { readFileSync } from "node:fs";

const Real = Date;
const path = process.env.MILLRACE_TEST_CLOCK;
const now = () => Real.now() + Number(readFileSync(path, "utf8"));

globalThis.Date = class Date extends Real {
  constructor(...values) {
    super(...(values.length === 0 ? [now()] : values));
  }
  static now() {
    return now();
  }
};
