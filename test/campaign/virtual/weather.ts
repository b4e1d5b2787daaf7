import type { Draws } from './draws.ts';

/** Calm and troubled times in turn. */
export type Weather<Trouble> = {
  /** What befalls something that happens at this instant; undefined for nothing. Instants come in order. */
  at(nowMs: number): Trouble | undefined;
  /** Whether nothing can befall anything at this instant. */
  isCalm(nowMs: number): boolean;
  /** Counts the troubled times. */
  readonly episode: number;
  /** From now on it stays calm. */
  clearUp(): void;
};

const secondMs = 1000;
const minuteMs = 60 * secondMs;

export function createWeather<Trouble>(draws: Draws, troubles: readonly Trouble[]): Weather<Trouble> {
  let isOver = troubles.length === 0;
  let episode = draws.below(100);
  let untilMs = 0;
  let present: { readonly trouble: Trouble; readonly share: number } | undefined;

  function change(nowMs: number): void {
    const wasCalm = present === undefined;
    present = undefined;
    if (wasCalm) {
      episode++;
      const trouble = troubles[draws.below(troubles.length)];
      if (trouble !== undefined) present = { trouble, share: draws.pick([0.05, 0.5, 1]) };
      untilMs = nowMs + draws.logBetween(secondMs, 20 * minuteMs);
    } else {
      untilMs = nowMs + draws.logBetween(5 * secondMs, 60 * minuteMs);
    }
  }

  function look(nowMs: number) {
    if (isOver) return undefined;
    if (nowMs >= untilMs) change(nowMs);
    return present;
  }

  return {
    at: (nowMs) => {
      const now = look(nowMs);
      return now !== undefined && draws.uniform() < now.share ? now.trouble : undefined;
    },
    isCalm: (nowMs) => look(nowMs) === undefined,
    get episode() {
      return episode;
    },
    clearUp: () => {
      isOver = true;
    },
  };
}
