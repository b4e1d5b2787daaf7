import type { Outcome } from '../model/outcome.ts';
import type { Round, Schedule } from '../model/round.ts';
import type { Endpoint } from '../model/target.ts';

/** Why a due target was not polled. `late`: its slot passed a whole interval ago, while the process was stopped or blocked. */
export type SkipReason = 'in_flight' | 'store_behind' | 'late';

export type PauseReason = 'throttled' | 'locked_out' | 'refused';

export type EndedPoll = {
  readonly round: Round;
  /** Place in the list of targets of the schedule. */
  readonly target: number;
  readonly dueMs: number;
  readonly outcome: Outcome;
  /** From the due instant to the end, whole milliseconds of the collector clock. */
  readonly delayMs: number;
  /** Requests made; 0 if none could be started. */
  readonly attempts: number;
};

/**
 * Everything that polling tells. Each target that is due in a round (`remaining` of them) comes in exactly one `pollEnded` or
 * is counted in one `skipped` of that round, which may be after the round has passed. When polling stops, nobody tells of the slots
 * that were still ahead: another process may resume the round, and what is left over in the end was cut off.
 */
export type PollEvents = {
  /** `remaining` is below `total` only where the process starts in the middle of a round: the slots before are not its own. */
  readonly roundBegun: (round: Round, due: { readonly total: number; readonly remaining: number }) => void;
  /** All slots of the round have passed; polls of it may still be under way. */
  readonly roundPassed: (round: Round) => void;
  /** `lastDueMs`: the last of their due instants. */
  readonly skipped: (round: Round, count: number, reason: SkipReason, lastDueMs: number) => void;
  /** `latenessMs`: from the due instant to this start; only a first attempt says how late polling is. */
  readonly requestStarted: (schedule: Schedule, latenessMs: number, attempt: number) => void;
  readonly requestEnded: (schedule: Schedule, outcome: Outcome, latencyMs: number) => void;
  readonly pollEnded: (poll: EndedPoll) => void;
};

/** What happens to the requests of one SDKAppID to an endpoint as a whole. */
export type LimitEvents = {
  /** `pauseMs` is undefined where only a probe that is answered ends the pause. */
  readonly paused: (endpoint: Endpoint, reason: PauseReason, pauseMs: number | undefined, outcome: Outcome) => void;
  /** Answered again after `refused`. */
  readonly resumed: (endpoint: Endpoint) => void;
};
