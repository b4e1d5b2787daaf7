import type { Sample } from '../model/sample.ts';
import type { Session } from '../model/window.ts';
import { createCalendar } from './calendar.ts';
import { beginSession, closedSession, extendSession, type OpenSession } from './open-session.ts';
import { type EndedWindow, endUntil, extendWindows, nextEndMs, noWindows, type OpenWindows } from './open-windows.ts';
import { decodeSession, encodeSession } from './session-text.ts';
import { decodeWindows, encodeWindows } from './windows-text.ts';

export type RollUpOptions = {
  /** Whose days and months are summed up. */
  readonly timezone: string;
  /** How long a target may be without a sample before its session is closed; a minute at least. */
  readonly closeAfterMs: number;
};

/**
 * Makes windows and sessions of samples. It keeps nothing between calls but the calendar: what is open goes out as text
 * and comes in again with the next call. However samples and instants are spread over calls, the windows are the same,
 * and so is what was written last of each session, as long as samples come in rising due order and no instant is above
 * the due instant of a later sample.
 */
export type RollUp = {
  /** Adds samples of one series to its open windows. `state` is what the last call returned. */
  addToWindows(state: string | undefined, samples: readonly Sample[]): WindowStep;
  /** Ends the windows whose end is at or before the instant. */
  endWindows(state: string, untilMs: number): WindowStep;
  /** Adds samples of one target, at least one; `seriesId` is that of each. */
  addToSession(state: string | undefined, samples: readonly SeriesSample[]): SessionStep;
  /** Closes the session when its last sample lies more than `closeAfterMs` before the instant. */
  endSession(state: string, untilMs: number): SessionStep;
};

export type SeriesSample = { readonly seriesId: number; readonly sample: Sample };

export type WindowStep = Unread & {
  /** Undefined: nothing is open any more. */
  readonly state: string | undefined;
  /** When `endWindows` has work next. */
  readonly nextEndMs: number | undefined;
  readonly ended: readonly EndedWindow[];
};

export type SessionStep = Unread & {
  readonly state: string;
  /** When `endSession` has work next; undefined when the session is written. */
  readonly nextEndMs: number | undefined;
  /** A session that went on after it was written comes again, with all it has by then. */
  readonly ended: readonly { readonly seriesId: number; readonly session: Session }[];
};

type Unread = {
  /**
   * Why the state that came in cannot be read, for the operator. Samples are added as if there had been none: what it
   * held is missing in the windows, or the session, that it was of. With no samples there is nothing to do.
   */
  readonly problem: string | undefined;
};

export function createRollUp({ timezone, closeAfterMs }: RollUpOptions): RollUp {
  const calendar = createCalendar(timezone);

  function windowStep(open: OpenWindows, ended: readonly EndedWindow[], problem: string | undefined): WindowStep {
    const nextMs = nextEndMs(open);
    return { state: nextMs === undefined ? undefined : encodeWindows(open), nextEndMs: nextMs, ended, problem };
  }

  function sessionStep(session: OpenSession, ended: SessionStep['ended'], problem: string | undefined): SessionStep {
    const nextMs = session.isWritten ? undefined : session.lastDueMs + closeAfterMs + 1;
    return { state: encodeSession(session), nextEndMs: nextMs, ended, problem };
  }

  return {
    addToWindows(state, samples) {
      const { open, problem } = readWindows(state);
      const ended: EndedWindow[] = [];
      for (const sample of samples) ended.push(...extendWindows(open, sample, calendar));
      return windowStep(open, ended, problem);
    },

    endWindows(state, untilMs) {
      const { open, problem } = readWindows(state);
      return windowStep(open, endUntil(open, untilMs), problem);
    },

    addToSession(state, samples) {
      const before = readSession(state);
      const ended: SessionStep['ended'][number][] = [];
      let { session } = before;
      for (const { seriesId, sample } of samples) {
        if (session?.startMs !== sample.sessionMs) {
          if (session !== undefined && isNews(session, sample.sessionMs)) {
            ended.push({ seriesId: session.seriesId, session: closedSession(session, sample.sessionMs) });
          }
          session = beginSession(seriesId, sample);
        }
        extendSession(session, sample);
      }
      if (session === undefined) throw new RangeError('there is neither a session nor a sample to begin one with');
      return sessionStep(session, ended, before.problem);
    },

    endSession(state, untilMs) {
      const { session, problem } = readSession(state);
      if (session === undefined) return { state, nextEndMs: undefined, ended: [], problem };
      if (session.isWritten || untilMs - session.lastDueMs <= closeAfterMs) return sessionStep(session, [], problem);
      session.isWritten = true;
      session.minute = undefined;
      return sessionStep(session, [{ seriesId: session.seriesId, session: closedSession(session) }], problem);
    },
  };
}

/** Whether the end that the next session gives to this one has still to be written. */
function isNews(session: OpenSession, nextStartMs: number): boolean {
  return !session.isWritten || nextStartMs < session.lastDueMs;
}

function readWindows(state: string | undefined): { open: OpenWindows; problem: string | undefined } {
  if (state === undefined) return { open: noWindows(), problem: undefined };
  const decoded = decodeWindows(state);
  switch (decoded.status) {
    case 'read':
      return { open: decoded.open, problem: undefined };
    case 'unreadable':
      return { open: noWindows(), problem: decoded.problem };
    default:
      return decoded satisfies never;
  }
}

function readSession(state: string | undefined): { session: OpenSession | undefined; problem: string | undefined } {
  if (state === undefined) return { session: undefined, problem: undefined };
  const decoded = decodeSession(state);
  switch (decoded.status) {
    case 'read':
      return { session: decoded.session, problem: undefined };
    case 'unreadable':
      return { session: undefined, problem: decoded.problem };
    default:
      return decoded satisfies never;
  }
}
