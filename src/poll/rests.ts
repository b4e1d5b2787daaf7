/**
 * Which targets are left out of a round because their room is gone: such a target is polled in every second round, then in
 * every fourth, up to about once a minute, and in every round again once it answers. Decided when a round begins, so that
 * its number of due targets holds.
 */
export type Rests = {
  gone(target: number): void;
  answered(target: number): void;
  /** Decides for the round that begins now, and returns how many targets are due in it. */
  beginRound(): number;
  /** Whether the target is left out of the present round. */
  isResting(target: number): boolean;
  /** Targets that would be due in a round that began now. */
  readonly due: number;
};

const longestRestMs = 60_000;

export function createRests(targets: number, intervalMs: number): Rests {
  const rarest = Math.max(1, Math.min(256, Math.floor(longestRestMs / intervalMs)));
  /** Polls in a row that found the room gone; more than eight make no difference. */
  const streaks = new Uint8Array(targets);
  const roundsToRest = new Uint8Array(targets);
  const resting = new Uint8Array(targets);
  let due = targets;

  function rest(target: number, rounds: number): void {
    const before = roundsToRest[target] ?? 0;
    if (before === 0 && rounds > 0) due--;
    if (before > 0 && rounds === 0) due++;
    roundsToRest[target] = rounds;
  }

  return {
    gone: (target) => {
      const streak = Math.min(8, (streaks[target] ?? 0) + 1);
      streaks[target] = streak;
      rest(target, Math.min(2 ** streak, rarest) - 1);
    },
    answered: (target) => {
      if (streaks[target] === 0) return;
      streaks[target] = 0;
      rest(target, 0);
    },
    beginRound: () => {
      const dueNow = due;
      for (let target = 0; target < targets; target++) {
        const rounds = roundsToRest[target] ?? 0;
        resting[target] = rounds === 0 ? 0 : 1;
        if (rounds > 0) rest(target, rounds - 1);
      }
      return dueNow;
    },
    isResting: (target) => resting[target] === 1,
    get due() {
      return due;
    },
  };
}
