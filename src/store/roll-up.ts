import type { Sample } from '../model/sample.ts';
import type { Session, Tier, Window } from '../model/window.ts';

/**
 * Makes windows and sessions of samples. What is open in between is text that only the roll-up understands; it is
 * stored with the rows that it came from, so that a sample counts once whatever is killed.
 */
export type RollUp = {
  /** Adds samples of one series, in rising due order, to its open windows. `state` is what the last call returned. */
  addToWindows(state: string | undefined, samples: readonly Sample[]): WindowStep;
  /** Ends the windows whose end is at or before the instant. */
  endWindows(state: string, untilMs: number): WindowStep;
  /** Adds samples of one target, at least one, in rising due order. */
  addToSession(state: string | undefined, samples: readonly SeriesSample[]): SessionStep;
  /** Closes the session when it has been without a sample for long enough. */
  endSession(state: string, untilMs: number): SessionStep;
};

export type SeriesSample = { readonly seriesId: number; readonly sample: Sample };

export type WindowStep = {
  /** Undefined: nothing is open any more. */
  readonly state: string | undefined;
  /** When `endWindows` has work next. */
  readonly nextEndMs: number | undefined;
  readonly ended: readonly { readonly tier: Tier; readonly window: Window }[];
  /** Why the state that came in could not be read; it was taken for none. */
  readonly problem: string | undefined;
};

export type SessionStep = {
  readonly state: string;
  /** When `endSession` has work next; undefined for a closed session, whose state is kept because it may go on. */
  readonly nextEndMs: number | undefined;
  /** `seriesId` is that of the first sample. */
  readonly ended: readonly { readonly seriesId: number; readonly session: Session }[];
  readonly problem: string | undefined;
};
