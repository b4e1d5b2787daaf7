import { describeTarget } from './model/target.ts';
import type { StorageEvent } from './storage.ts';
import type { Log } from './telemetry/log.ts';
import type { Metrics } from './telemetry/metrics.ts';
import type { RareLog } from './telemetry/rare-log.ts';

/** What happens behind the commit, told to the operator. */
export type StorageHealth = {
  readonly commitProblem: (problem: string | undefined) => void;
  readonly told: (event: StorageEvent) => void;
};

export function createStorageHealth({
  metrics,
  log,
  logRarely,
}: {
  readonly metrics: Metrics;
  readonly log: Log;
  readonly logRarely: RareLog;
}): StorageHealth {
  /** Sinks of which it was told that they take nothing; and those of which some batches fail because of the store, which would go on and off. */
  const isDown = new Set<string>();
  const isFailing = new Set<string>();
  return {
    commitProblem: (problem) => {
      if (problem === undefined) log.info('the store commits again');
      else log.error(`the store cannot commit; samples wait in memory and it is tried again: ${problem}`);
    },
    told: (message) => {
      switch (message.kind) {
        case 'sink_down':
          if (message.status === 'failed') {
            isFailing.add(message.sink);
            logRarely(
              `${message.sink} fails`,
              `not everything is shipped to ${message.sink}, because of the store: ${message.reason}`,
              { sink: message.sink },
              'error',
            );
            return;
          }
          isDown.add(message.sink);
          log.error(`${message.sink} takes no points; they wait in the store: ${message.reason}`, {
            sink: message.sink,
            problem: message.status,
          });
          return;
        case 'sink_up':
          if (isFailing.delete(message.sink) && !isDown.has(message.sink)) return;
          isDown.delete(message.sink);
          log.info(`${message.sink} takes points again`, {
            sink: message.sink,
            after_seconds: Math.round(message.afterMs / 1000),
          });
          return;
        case 'rejected':
          logRarely(
            `${message.sink} ${message.table} rejected`,
            `points that can never be shipped to ${message.sink} are set aside in the table "rejected": ${message.reason}`,
            { sink: message.sink, table: message.table, points: message.rows },
          );
          return;
        case 'rows_damaged':
          logRarely(
            `${message.table} damaged`,
            `the store has damaged rows, which are in no window: ${message.example}; livetally verify names all of them, livetally salvage copies the others into a new store`,
            { table: message.table, rows: message.rows },
          );
          return;
        case 'sink_changed':
          metrics.set('livetally_sink_up', { sink: message.sink }, message.isUp ? 1 : 0);
          return;
        case 'roll_up_forgot':
          log.error(
            `${describeTarget(message.target)}: what the store remembers of its windows or its session cannot be read, so they begin anew: ${message.problem}`,
            { app: message.target.app, endpoint: message.target.endpoint },
          );
          return;
        case 'commit_torn':
          log.warn(message.problem);
          return;
        default:
          message satisfies never;
      }
    },
  };
}
