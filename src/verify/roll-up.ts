import type { Sample } from '../model/sample.ts';
import type { Session, Tier, Window } from '../model/window.ts';

/** What windows and sessions are made with, as far as it takes to make them again. */
export type RollUp = {
  addToWindows(state: string | undefined, samples: readonly Sample[]): WindowStep;
  endWindows(state: string, untilMs: number): WindowStep;
  addToSession(
    state: string | undefined,
    samples: readonly { readonly seriesId: number; readonly sample: Sample }[],
  ): SessionStep;
  endSession(state: string, untilMs: number): SessionStep;
};

type WindowStep = {
  readonly state: string | undefined;
  readonly ended: readonly { readonly tier: Tier; readonly window: Window }[];
};

type SessionStep = {
  readonly state: string;
  readonly ended: readonly { readonly seriesId: number; readonly session: Session }[];
};

/** Bounds of the window of a tier that holds an instant. */
export type Calendar = (tier: Tier, instantMs: number) => { readonly startMs: number; readonly endMs: number };
