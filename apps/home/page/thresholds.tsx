import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import type { Rule, Weekday } from "../domain/rule.ts";
import type { RuleEdit } from "../suggestions/rule-edit.ts";
import { WEEK } from "./evidence-words.ts";
import { ruleWeekdays } from "./rule-window.ts";

interface ThresholdsProps {
  readonly rule: Rule;
  readonly title: string;
  /** Called with all edits that the settings mean, with every move. */
  readonly onChange: (edits: readonly RuleEdit[]) => void;
}

const NAMES: Readonly<Record<Weekday, string>> = {
  mon: "Mon",
  tue: "Tue",
  wed: "Wed",
  thu: "Thu",
  fri: "Fri",
  sat: "Sat",
  sun: "Sun",
};

/** The thresholds of a rule, to be moved: when, on which days, how near. */
export function Thresholds({ rule, title, onChange }: ThresholdsProps) {
  const { trigger, window_s } = rule;
  const isByState = trigger.type === "state";
  const heldMin = isByState ? Math.round((trigger.for_s ?? 0) / 60) : 0;
  const firstWindow = Math.max(1, Math.round(window_s / 60));
  const days = ruleWeekdays(rule) ?? WEEK;
  const shift = useSignal(0);
  const span = useSignal(firstWindow);
  const chosen = useSignal<readonly Weekday[]>(days);

  function tell(): void {
    const edits: RuleEdit[] = [];
    if (shift.value !== 0) edits.push({ edit: "shift", minutes: shift.value });
    if (span.value !== firstWindow) edits.push({ edit: "window", minutes: span.value });
    if (chosen.value.join() !== days.join()) edits.push({ edit: "days", days: [...chosen.value] });
    onChange(edits);
  }
  function toggle(day: Weekday): void {
    const next = WEEK.filter((each) => chosen.value.includes(each) !== (each === day));
    // A rule that counts on no day is none: the last day stays.
    if (next.length > 0) chosen.value = next;
    tell();
  }
  function reset(): void {
    shift.value = 0;
    span.value = firstWindow;
    chosen.value = days;
    tell();
  }

  return (
    <fieldset class="thresholds">
      <legend>
        Thresholds<span class="visually-hidden"> of {title}</span>
      </legend>
      <Slider
        label={isByState ? "Wait longer" : "Later or earlier"}
        value={shift.value}
        min={isByState ? -heldMin : -90}
        max={isByState ? 60 : 90}
        step={isByState ? 1 : 5}
        text={minutesText(shift.value)}
        onMove={(value) => {
          shift.value = value;
          tell();
        }}
      />
      <Slider
        label="Counts as the same within"
        value={span.value}
        min={1}
        max={Math.max(60, firstWindow)}
        step={1}
        text={`${span.value} min`}
        onMove={(value) => {
          span.value = value;
          tell();
        }}
      />
      <div class="threshold-days" role="group" aria-label={`Days of ${title}`}>
        {WEEK.map((day) => (
          <label key={day}>
            <input type="checkbox" checked={chosen.value.includes(day)} onChange={() => toggle(day)} />
            {NAMES[day]}
          </label>
        ))}
      </div>
      <button type="button" class="button" onClick={reset}>
        As it was<span class="visually-hidden">: {title}</span>
      </button>
    </fieldset>
  );
}

interface SliderProps {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly text: string;
  readonly onMove: (value: number) => void;
}

function Slider({ label, value, min, max, step, text, onMove }: SliderProps) {
  const id = useId();
  return (
    <div class="threshold">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="range"
        min={min}
        max={max}
        step={step}
        value={value}
        aria-valuetext={text}
        onInput={(event) => onMove(Number(event.currentTarget.value))}
      />
      <output for={id} class="number">
        {text}
      </output>
    </div>
  );
}

function minutesText(minutes: number): string {
  return minutes === 0 ? "as it is" : `${minutes > 0 ? "+" : "−"}${Math.abs(minutes)} min`;
}
