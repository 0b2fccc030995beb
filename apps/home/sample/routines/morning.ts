import type { Weekday } from "../../domain/rule.ts";
import { byClock, type Routine, type Scene } from "../routine.ts";

const WORKDAYS: readonly Weekday[] = ["mon", "tue", "wed", "thu", "fri"];
const KETTLE = "switch.kitchen_kettle";
const BLINDS = "cover.bedroom_blinds";

const KETTLE_WORKDAY_MINUTE = 6 * 60 + 45;
const KETTLE_WEEKEND_MINUTE = 9 * 60 + 10;
const BLINDS_MINUTE = 7 * 60 + 5;
const WASHING_MINUTE = 10 * 60 + 30;

const kettleWorkday = byClock({
  id: "kettle-workday",
  description: "The kettle goes on at a quarter to seven on workdays.",
  minute: KETTLE_WORKDAY_MINUTE,
  weekdays: WORKDAYS,
  entities: [KETTLE],
  to: "on",
  reliability: 0.94,
});

const kettleWeekend = byClock({
  id: "kettle-weekend",
  description: "The kettle goes on at ten past nine at weekends.",
  minute: KETTLE_WEEKEND_MINUTE,
  weekdays: ["sat", "sun"],
  entities: [KETTLE],
  to: "on",
  reliability: 0.92,
});

const blindsWorkday = byClock({
  id: "bedroom-blinds-workday",
  description: "The bedroom blinds open at about seven on workdays.",
  minute: BLINDS_MINUTE,
  weekdays: WORKDAYS,
  entities: [BLINDS],
  to: "open",
  reliability: 0.92,
});

const washingSaturday = byClock({
  id: "washing-saturday",
  description: "The washing machine starts at half past ten on Saturdays: too few days to be sure of in eight weeks.",
  minute: WASHING_MINUTE,
  weekdays: ["sat"],
  entities: ["switch.washing_machine"],
  to: "on",
  reliability: 0.85,
  minable: false,
});

export const morning: Routine = {
  planted: [kettleWorkday, kettleWeekend, blindsWorkday, washingSaturday],
  live(scene) {
    boil(scene);
    openBlinds(scene);
    wash(scene);
  },
};

/** Then the kettle keeps the water warm for as long as somebody is about. */
function boil({ script, isWeekend, chance }: Scene): void {
  const dice = chance("kettle");
  const { reliability } = isWeekend ? kettleWeekend : kettleWorkday;
  const minute = isWeekend ? KETTLE_WEEKEND_MINUTE + dice.jitter(10) : KETTLE_WORKDAY_MINUTE + dice.jitter(6);
  if (dice.happens(reliability)) script.use(KETTLE, minute, minute + dice.between(8, 200));
  for (let times = dice.count(1.5); times > 0; times--) {
    const from = dice.between(10 * 60, 21 * 60);
    script.use(KETTLE, from, from + dice.between(4, 40));
  }
}

function openBlinds({ script, isWeekend, chance }: Scene): void {
  const dice = chance("bedroom blinds");
  const isHabit = !isWeekend && dice.happens(blindsWorkday.reliability);
  const open = isHabit ? BLINDS_MINUTE + dice.jitter(5) : dice.between(8 * 60, 11 * 60);
  script.use(BLINDS, open, dice.between(20 * 60, 24 * 60), { states: ["open", "closed"], cause: "user" });
}

function wash({ script, weekday, chance }: Scene): void {
  const dice = chance("washing");
  if (weekday === "sat" && dice.happens(washingSaturday.reliability)) {
    const minute = WASHING_MINUTE + dice.jitter(8);
    script.use("switch.washing_machine", minute, minute + dice.between(70, 130));
  } else if (dice.happens(0.12)) {
    const minute = dice.between(8 * 60, 20 * 60);
    script.use("switch.washing_machine", minute, minute + dice.between(70, 130));
  }
}
