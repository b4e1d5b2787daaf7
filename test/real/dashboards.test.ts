import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { comparable } from '../grafana/answers.ts';
import { type DashboardPanel, type InfluxqlTarget, isInfluxql, panelsOf } from '../grafana/dashboard-file.ts';
import { expandInfluxql, intervalOf, parseDuration, type View } from '../grafana/expand.ts';
import type { Context, Expectation } from '../grafana/expectations.ts';
import type { Place } from '../grafana/past.ts';
import { type PastDatabase, startPastDatabase } from '../grafana/past-database.ts';
import { weekOffsetMs } from '../grafana/simulated-week.ts';
import { viewsOf } from '../grafana/views.ts';
import { ending, type WeekCase, week, weekCases, weekTruth } from '../grafana/week-cases.ts';
import type { InfluxqlRow } from './servers/influxql.ts';
import { missingServers } from './servers/locate.ts';

describe.each(['influxdb-2.9.1', 'influxdb-1.8.10'] as const)('the dashboards on %s', (server) => {
  const isMissing = missingServers([server]).length > 0;
  let database: PastDatabase;
  beforeAll(async () => {
    if (isMissing) return;
    database = await startPastDatabase(server);
    await database.load(week);
  });
  afterAll(async () => await database?.[Symbol.asyncDispose]());

  describe.each(['live', 'room', 'receiver', 'history'] as const)('%s', (name) => {
    const { dashboard, variables, ranges, panels, annotations, offers }: WeekCase = weekCases[name];
    const views = viewsOf(dashboard, variables, weekTruth.raw, ranges);

    /** Asks with everything, one value and several chosen, for every range; something must be there to be seen. */
    async function expectAnswers(
      target: Pick<InfluxqlTarget, 'query' | 'datasource'>,
      expectation: Expectation,
      { timeFrom, interval, maxDataPoints, isDrawn = () => true }: Drawing = {},
    ): Promise<void> {
      let rowsInAll = 0;
      for (const view of views) {
        const range = timeFrom === undefined ? view : ending(view.toMs, parseDuration(timeFrom));
        const shown = { ...view, ...range };
        const intervalMs = intervalOf(shown, { interval, maxDataPoints });
        const context: Context = { truth: weekTruth, view: shown, intervalMs, offsetMs: weekOffsetMs };
        const query = expandInfluxql(target.query, shown, intervalMs);
        const rows = await database.query(placeOf(target.datasource.uid), query);
        const answer = comparable(
          rows.filter((row) => isDrawn(row, shown)),
          expectation(context),
        );
        expect(answer.actual, `${view.name}\n${query}`).toEqual(answer.expected);
        rowsInAll += answer.actual.length;
      }
      expect(rowsInAll, `rows in all views of: ${target.query}`).toBeGreaterThan(0);
    }

    test.skipIf(isMissing).each(panelsOf(dashboard).map((panel) => [panel.title, panel] as const))(
      'panel "%s" shows what is true, whatever is chosen',
      async (_title, panel) => {
        const targets = panel.targets.filter(isInfluxql);
        const expectations = panels[panel.id] ?? [];
        expect(expectations.length, 'an expectation for each query').toBe(panel.targets.length);
        for (const [index, expectation] of expectations.entries()) {
          const target = targets[index];
          if (target !== undefined) await expectAnswers(target, expectation, panel);
        }
      },
    );

    const marked = dashboard.annotations.list;
    test.skipIf(isMissing || marked.length === 0)('annotations mark what is true', async () => {
      for (const annotation of marked) {
        const expectation = annotations[annotation.name];
        if (expectation === undefined) throw new Error(`no expectation for the annotation ${annotation.name}`);
        await expectAnswers(annotation.target, expectation, { isDrawn: isInRange });
      }
    });

    test.skipIf(isMissing).each(dashboard.templating.list.map((variable) => [variable.name, variable] as const))(
      'variable %s offers what has data in the range and fits what is chosen before it',
      async (variableName, variable) => {
        for (const view of views) {
          const query = expandInfluxql(variable.query.query, view, intervalOf(view));
          const rows = await database.query(placeOf(variable.datasource.uid), query);
          const offered = rows.map(({ distinct, value }) => String(distinct ?? value)).filter((one) => /.+/.test(one));
          const context: Context = { truth: weekTruth, view, intervalMs: 0, offsetMs: weekOffsetMs };
          const { least, most } = offers[variableName]?.(context) ?? { least: [], most: [] };
          expect(offered.sort(), `${view.name}\n${query}`).toEqual([...new Set(offered)]);
          expect(offered, `${view.name}\n${query}`).toEqual(expect.arrayContaining([...least]));
          expect(most, `${view.name}\n${query}`).toEqual(expect.arrayContaining(offered));
          expect(offered).not.toEqual([]);
        }
      },
    );
  });
});

type Drawing = Partial<Pick<DashboardPanel, 'timeFrom' | 'interval' | 'maxDataPoints'>> & {
  /** What of the answer is on screen. */
  readonly isDrawn?: (row: InfluxqlRow, view: View) => boolean;
};

/** Of an annotation: a point after the start of the range, or a span that reaches into it. */
function isInRange({ time, end }: InfluxqlRow, { fromMs }: View): boolean {
  return Math.max(Number(time), Number(end ?? 0)) >= fromMs;
}

function placeOf(uid: string): Place {
  const place = uid.replace(/^livetally-/, '');
  if (place === 'raw' || place === '5m' || place === '1h' || place === '1d' || place === '1mo') return place;
  throw new Error(`no data source of InfluxDB: ${uid}`);
}
