import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { sources } from '../../grafana/code/query-target.ts';
import { isInfluxql, panelsOf, readDashboard } from '../grafana/dashboard-file.ts';

/** Asks a running Grafana whether what is provisioned loaded and answers. Exit code 1 with what is wrong. */
const url = process.env['GRAFANA_URL'] ?? 'http://127.0.0.1:3000';
const credentials = Buffer.from(`admin:${process.env['GRAFANA_PASSWORD'] ?? ''}`).toString('base64');
const dashboards = new URL('../../grafana/dashboards/livetally/', import.meta.url);
const expected = readdirSync(dashboards).map((file) => readDashboard(readFileSync(new URL(file, dashboards), 'utf8')));
const problems: string[] = [];

await untilHealthy();
await check('data sources', async () => {
  for (const source of sources) {
    const answer = await ask(`/api/datasources/uid/livetally-${source}/health`);
    const { status, message } = z.object({ status: z.string(), message: z.string() }).parse(answer);
    if (status !== 'OK') throw new Error(`livetally-${source}: ${message}`);
  }
});
await check('dashboards', async () => {
  for (const { uid, title } of expected) {
    const answer = await ask(`/api/dashboards/uid/${uid}`);
    const { dashboard } = z.object({ dashboard: z.object({ title: z.string() }) }).parse(answer);
    if (dashboard.title !== title) throw new Error(`${uid} is called ${dashboard.title}, not ${title}`);
  }
});
await check('queries of panels, with everything chosen', async () => {
  for (const dashboard of expected) {
    for (const { title, targets } of panelsOf(dashboard)) {
      const queries = targets.map((target) => {
        const whole = { ...target, intervalMs: 60_000, maxDataPoints: 1000 };
        return isInfluxql(target)
          ? { ...whole, query: withAll(target.query) }
          : { ...whole, expr: target.expr.replaceAll('$app', '.*') };
      });
      const answer = await ask('/api/ds/query', { from: 'now-1h', to: 'now', queries });
      const { results } = z
        .object({ results: z.record(z.string(), z.object({ error: z.string().optional() })) })
        .parse(answer);
      for (const { error } of Object.values(results)) {
        if (error !== undefined) throw new Error(`${dashboard.title}, ${title}: ${error}`);
      }
    }
  }
});
await check('alert rules', async () => {
  const text = readFileSync(
    new URL('../../grafana/provisioning/alerting/livetally-rules.yaml', import.meta.url),
    'utf8',
  );
  const uids = [...text.matchAll(/^\s+- uid: (livetally-\S+)$/gm)].map(([, uid]) => uid);
  const loaded = z.array(z.object({ uid: z.string() })).parse(await ask('/api/v1/provisioning/alert-rules'));
  const missing = uids.filter((uid) => !loaded.some((rule) => rule.uid === uid));
  if (uids.length === 0 || missing.length > 0) throw new Error(`not loaded: ${missing.join(', ') || 'any'}`);
});
await check('evaluation of the alert rules', async () => {
  // Rules are evaluated once a minute.
  await delay(90_000);
  const rule = z.object({ name: z.string(), health: z.string(), lastError: z.string().optional() });
  const shape = z.object({ data: z.object({ groups: z.array(z.object({ rules: z.array(rule) })) }) });
  const { data } = shape.parse(await ask('/api/prometheus/grafana/api/v1/rules'));
  for (const { name, health, lastError = '' } of data.groups.flatMap(({ rules }) => rules)) {
    if (health === 'error') throw new Error(`${name}: ${lastError}`);
  }
});

for (const problem of problems) process.stderr.write(`FAILED ${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;

async function check(what: string, run: () => Promise<void>): Promise<void> {
  try {
    await run();
    process.stdout.write(`ok     ${what}\n`);
  } catch (error) {
    problems.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function ask(path: string, body?: object): Promise<unknown> {
  const response = await fetch(`${url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Basic ${credentials}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(30_000),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text.slice(0, 500)}`);
  return JSON.parse(text);
}

/** The macros of the server are left to Grafana; what the browser would put in is put in here. */
function withAll(query: string): string {
  const now = Date.now();
  return query
    .replaceAll(/\$\{\w+:regex\}/g, '.*')
    .replaceAll(/\$\{__from\}/g, String(now - 3_600_000))
    .replaceAll(/\$\{__to\}/g, String(now));
}

async function untilHealthy(): Promise<void> {
  for (let attempt = 0; attempt < 90; attempt++) {
    try {
      await ask('/api/health');
      return;
    } catch {
      await delay(2000);
    }
  }
  throw new Error(`Grafana at ${url} was not healthy after 3 minutes`);
}
