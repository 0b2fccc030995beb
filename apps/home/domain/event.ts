/** Who changed a state. Habits are mined from people and switches; what an automation did is not a habit. */
export type Cause = "user" | "physical" | "automation" | "script" | "derived" | "startup" | "unknown";

/** A state change in a home. */
export interface HomeEvent {
  /** Milliseconds since the epoch, UTC. */
  readonly at: number;
  readonly entityId: string;
  readonly state: string;
  readonly area?: string;
  readonly deviceClass?: string;
  readonly cause?: Cause;
}
