import type { Clock } from '../model/clock.ts';

/** What livetally knows of how it does, as the heartbeat asks for it. */
export type WellBeing = {
  readonly pollEnded: (isAnswered: boolean) => void;
  readonly sinkUp: (sink: string, isUp: boolean) => void;
  /** Why not all is well. `notReady`: the reasons of `/readyz` (no round yet, the store cannot commit). */
  readonly troubles: (notReady: Iterable<string>) => readonly string[];
};

/** Fewer polls than this say nothing of all: a round may have just begun. */
const fewestPolls = 5;

/**
 * All is well when the store commits, the first round has begun, every sink takes samples, and polls have not only failed for as
 * long as `patienceMs`. That a room is gone is an answer. No polls at all are no trouble: a schedule may leave out the morning.
 */
export function createWellBeing(clock: Clock, patienceMs: number): WellBeing {
  const down = new Set<string>();
  const sinceAnswer = { failed: 0, firstMs: 0 };
  return {
    pollEnded(isAnswered) {
      if (isAnswered) sinceAnswer.failed = 0;
      else if (sinceAnswer.failed++ === 0) sinceAnswer.firstMs = clock.monotonicMs();
    },
    sinkUp(sink, isUp) {
      if (isUp) down.delete(sink);
      else down.add(sink);
    },
    troubles(notReady) {
      const { failed, firstMs } = sinceAnswer;
      const noneAnswered = failed >= fewestPolls && clock.monotonicMs() - firstMs >= patienceMs;
      return [
        ...notReady,
        ...[...down].map((sink) => `${sink} takes no points`),
        ...(noneAnswered ? ['no poll has been answered for a while'] : []),
      ];
    },
  };
}
