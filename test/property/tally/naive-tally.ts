import { type Poll, silenceMs } from './room-walk.ts';

/** The session of a sample: the sample that showed it, and the first that belongs to it. */
type Session = { readonly shownBy: number; readonly first: number };

/**
 * The rules once more, as they are told to operators: each sample is judged by looking through all answers before it,
 * nothing is carried along. Slow, and meant to be read beside the README.
 */
export function naiveTally(polls: readonly Poll[]) {
  const sessions: Session[] = [];
  for (const index of polls.keys()) sessions.push(sessionOf(polls, index, sessions.at(-1)));
  return polls.map((poll, index) => {
    const session = sessions[index] ?? { shownBy: 0, first: 0 };
    const before = settled(polls.slice(session.shownBy, index));
    const isFromZero = session.shownBy > 0;
    const gapMs = index === 0 ? undefined : poll.dueMs - (polls[index - 1]?.dueMs ?? 0);
    const isInDoubt = settled([...before, poll]).length === before.length;
    return {
      sample: {
        dueMs: poll.dueMs,
        delayMs: 40,
        gapMs,
        inGap: (gapMs ?? 0) > 30_000,
        sessionMs: polls[session.first]?.dueMs,
        totals: poll.totals,
        deltas: poll.totals.map((total, counter) => {
          const old = maximum(before, counter) ?? (isFromZero ? 0 : undefined);
          if (total === undefined || old === undefined) return undefined;
          return isInDoubt ? 0 : Math.max(total - old, 0);
        }),
      },
      regressions: poll.totals.filter((_, counter) => fell(polls.slice(session.shownBy, index), before, poll, counter))
        .length,
      session: index === 0 ? 'first' : index === session.shownBy ? 'began' : 'continued',
    };
  });
}

function sessionOf(polls: readonly Poll[], index: number, old: Session | undefined): Session {
  const poll = polls[index];
  if (old === undefined || poll === undefined) return { shownBy: 0, first: 0 };
  const answers = polls.slice(old.shownBy, index);
  const before = settled(answers);
  const counters = [...poll.totals.keys()];
  const isBelow = (counter: number, part = 1) =>
    (poll.totals[counter] ?? Infinity) < (maximum(before, counter) ?? 0) / part;

  const anyHasFallen = counters.some((counter) => isBelow(counter));
  if (anyHasFallen && poll.goneBefore) return { shownBy: index, first: index };

  const sentAndAboveZero = counters.filter(
    (counter) => poll.totals[counter] !== undefined && (maximum(before, counter) ?? 0) > 0,
  );
  const isSilent = poll.dueMs - (answers.at(-1)?.dueMs ?? 0) >= silenceMs;
  const allHaveFallen = sentAndAboveZero.every((counter) => isBelow(counter));
  const onlyZeros = poll.totals.every((total) => total === undefined || total === 0);
  if (anyHasFallen && allHaveFallen && isSilent && !onlyZeros) return { shownBy: index, first: index };

  // The sample that showed the old session cannot be a dip of it.
  const lastFour = polls.slice(Math.max(index - 3, old.shownBy + 1), index + 1);
  const lasts = counters.some((counter) => {
    const half = (maximum(before, counter) ?? 0) / 2;
    return lastFour.length === 4 && lastFour.every(({ totals }) => (totals[counter] ?? Infinity) < half);
  });
  return lasts ? { shownBy: index, first: index - 3 } : old;
}

/** The answers of a session that count: those without a counter below half of its maximum. */
function settled(polls: readonly Poll[]): Poll[] {
  const counting: Poll[] = [];
  for (const poll of polls) {
    const isInDoubt = poll.totals.some((total, counter) => (total ?? Infinity) < (maximum(counting, counter) ?? 0) / 2);
    if (!isInDoubt) counting.push(poll);
  }
  return counting;
}

/** Below the maximum, and not so when last sent. */
function fell(answers: readonly Poll[], counting: readonly Poll[], poll: Poll, counter: number): boolean {
  const isBelow = (total: number | undefined, high: number | undefined) =>
    total !== undefined && high !== undefined && total < high;
  const lastSent = answers.findLastIndex(({ totals }) => totals[counter] !== undefined);
  const wasBelow = isBelow(answers[lastSent]?.totals[counter], maximum(settled(answers.slice(0, lastSent)), counter));
  return isBelow(poll.totals[counter], maximum(counting, counter)) && !wasBelow;
}

function maximum(polls: readonly Poll[], counter: number): number | undefined {
  const sent = polls.map(({ totals }) => totals[counter]).filter((total) => total !== undefined);
  return sent.length === 0 ? undefined : Math.max(...sent);
}
