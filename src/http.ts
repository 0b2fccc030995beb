export type {
  AutomationView,
  Health,
  LiveEvent,
  Page,
  Problem,
  Ready,
  RunDetail,
  RunSummary,
  Source,
  StartedRunView,
  StepView,
} from "./http/api.ts";
