import { sumOf } from './metrics-text.ts';
import { roomOfTotals, totalsApart } from './odd-servers.ts';
import { calmApp, calmRooms, mixedApp, type TroubledRun } from './troubled-run.ts';

const countPolls = (run: Pick<TroubledRun, 'troubled'>, app: string, outcome?: string) =>
  sumOf(run.troubled, 'livetally_polls_total', { app, ...(outcome !== undefined && { outcome }) });

/** Troubles that left no trace in the metrics under the outcome that they are. */
export function troublesWithoutOutcome(run: Pick<TroubledRun, 'troubles' | 'troubled'>): readonly string[] {
  return run.troubles.filter(({ app, outcome }) => countPolls(run, app, outcome) === 0).map(({ app }) => app);
}

/** Apps that were asked for more than one room a second takes, or not at all. Paused ones are asked four times at most. */
export function floodsAndStalls(run: TroubledRun): readonly string[] {
  const mostTries = 3;
  const most = mostTries * (run.troubledForMs / 1000) + mostTries;
  return run.report.apps.flatMap(({ sdkAppId, endpoints }) => {
    const { requests, worstSlidingSecond, limit } = endpoints.room_stats;
    const trouble = run.troubles.find(({ app }) => run.sdkAppIdOf(app) === sdkAppId);
    if (worstSlidingSecond > limit) return [`${sdkAppId}: ${worstSlidingSecond} requests in a second`];
    if (trouble === undefined || trouble.baseUrl !== undefined) return [];
    const allowed = trouble.isPaused ? 4 + Math.floor(run.troubledForMs / 30_000) : most;
    return requests === 0 || requests > allowed ? [`${trouble.app}: ${requests} requests`] : [];
  });
}

/** What is wrong with the app that nothing is wrong with. */
export function calmDisturbed(run: TroubledRun): readonly string[] {
  const answered = countPolls(run, calmApp, 'answered');
  const polls = countPolls(run, calmApp);
  const skipped = sumOf(run.healed, 'livetally_polls_skipped_total', { app: calmApp });
  const within = (le: string) => sumOf(run.healed, 'livetally_poll_lateness_seconds_bucket', { app: calmApp, le });
  return [
    ...(answered === polls ? [] : [`${polls - answered} polls were not answered`]),
    ...(answered >= calmRooms * (run.troubledForMs / 1000 - 2) ? [] : [`only ${answered} polls`]),
    // A busy machine may answer one or the other later than a second.
    ...(skipped <= 0.05 * polls ? [] : [`${skipped} polls were skipped`]),
    ...(within('0.5') >= 0.9 * within('+Inf') ? [] : ['more than a tenth of the polls were late']),
  ];
}

/** Apps that are not answered although their trouble has passed. A room that was gone is asked for more rarely for a while. */
export function stuckAfterwards(run: TroubledRun): readonly string[] {
  const since = (app: string) =>
    sumOf(run.healed, 'livetally_polls_total', { app, outcome: 'answered' }) - countPolls(run, app, 'answered');
  return run.troubles
    .filter(({ app, isPaused, baseUrl, outcome }) => !isPaused && !baseUrl && outcome !== 'gone' && since(app) === 0)
    .map(({ app }) => app);
}

/** Samples that have the totals of another room; `samples` are those that could have them. */
export function mixedUp(run: TroubledRun): {
  readonly samples: number;
  readonly wrong: number;
  readonly lateAnswers: number;
} {
  const samples = run.samples.filter(({ totals }) => Number(totals[0]) >= totalsApart);
  const wrong = samples.filter(({ roomId, totals }) => roomOfTotals(Number(totals[0])) !== Number(roomId.slice(5)));
  return { samples: samples.length, wrong: wrong.length, lateAnswers: countPolls(run, mixedApp, 'timeout') };
}

/** Rounds that do not add up, and samples that no round has counted or the other way round. */
export function ledgerErrors({ rounds, samples }: TroubledRun): { readonly rounds: number; readonly samples: number } {
  const uneven = rounds.filter(
    ({ ended, due, polled, failed, skipped, cutOff }) => ended && due !== polled + failed + skipped + cutOff,
  );
  const polled = rounds.reduce((sum, round) => sum + round.polled, 0);
  return { rounds: uneven.length, samples: polled - samples.length };
}
