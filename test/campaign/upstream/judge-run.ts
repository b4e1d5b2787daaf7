import { sumOf } from './metrics-text.ts';
import { roomOfTotals, totalsApart } from './odd-servers.ts';
import { isSpotted, spottedApp, spottedRooms } from './spots.ts';
import { calmApp, calmRooms, mixedApp, type TroubledRun } from './troubled-run.ts';

const countPolls = (run: Pick<TroubledRun, 'troubled'>, app: string, outcome?: string) =>
  sumOf(run.troubled, 'livetally_polls_total', { app, ...(outcome !== undefined && { outcome }) });

/** Troubles that left no trace in the metrics under the outcome that they are. */
export function troublesWithoutOutcome(run: Pick<TroubledRun, 'troubles' | 'troubled'>): readonly string[] {
  return run.troubles.filter(({ app, outcome }) => countPolls(run, app, outcome) === 0).map(({ app }) => app);
}

/**
 * Apps that asked more often than one room a second takes, or hardly at all, whether a server heard them or not, or more often than
 * they say. Paused ones ask four times at most.
 */
export function floodsAndStalls(run: TroubledRun): readonly string[] {
  const mostTries = 3;
  const most = mostTries * (run.troubledForMs / 1000) + mostTries;
  const heard = new Map(run.report.apps.map(({ sdkAppId, endpoints }) => [sdkAppId, endpoints.room_stats]));
  const tooFast = [...heard].flatMap(([sdkAppId, { worstSlidingSecond, limit }]) =>
    worstSlidingSecond > limit ? [`${sdkAppId}: ${worstSlidingSecond} requests in a second`] : [],
  );
  const wrong = run.troubles.flatMap(({ app, isPaused, outcome }) => {
    const requests = sumOf(run.troubled, 'livetally_requests_total', { app });
    const allowed = isPaused ? 4 + Math.floor(run.troubledForMs / 30_000) : most;
    // A poll that nobody answers takes three times 3.5 s; a room that is gone rests.
    const least = isPaused || outcome === 'gone' ? 1 : Math.max(1, Math.floor(run.troubledForMs / 15_000));
    // The metrics are made before the server is asked: what came in between is not in them.
    const unsaid = (heard.get(run.sdkAppIdOf(app))?.requests ?? 0) - requests;
    return [
      ...(requests < least || requests > allowed ? [`${app}: ${requests} requests`] : []),
      ...(unsaid > mostTries ? [`${app}: ${unsaid} requests more than it says`] : []),
    ];
  });
  const targets = 2 * spottedRooms.length;
  const spotted = sumOf(run.troubled, 'livetally_requests_total', { app: spottedApp });
  return [...tooFast, ...wrong, ...(spotted > most * targets ? [`${spottedApp}: ${spotted} requests`] : [])];
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

/** What is wrong with the good rooms and receivers of the app that has bad ones too, and bad ones that nothing was wrong with. */
export function goodOnesDisturbed(run: TroubledRun): readonly string[] {
  // Polls of an interval before the trouble began, and before it ended, may be answered without it.
  const fromMs = run.troubledFromMs + 1_000;
  const toMs = run.troubledFromMs + run.troubledForMs - 1_500;
  const answered = Map.groupBy(
    run.samples.filter(({ dueMs }) => dueMs >= fromMs && dueMs < toMs),
    ({ endpoint, roomId }) => `${endpoint} ${roomId}`,
  );
  // A busy machine may answer one or the other later than a second.
  const least = 0.8 * ((toMs - fromMs) / 1_000 - 1);
  return (['room_stats', 'gift_count'] as const).flatMap((endpoint) =>
    spottedRooms.flatMap((room) => {
      const count = answered.get(`${endpoint} ${room}`)?.length ?? 0;
      if (isSpotted(endpoint, room)) return count === 0 ? [] : [`${endpoint} of ${room} was answered ${count} times`];
      return count >= least ? [] : [`${endpoint} of ${room} was answered only ${count} times`];
    }),
  );
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
