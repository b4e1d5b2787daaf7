import { setTimeout as delay } from 'node:timers/promises';
import { busyWorld, configText, environment, startTencent } from '../../e2e/account.ts';
import { createWorkspace, startLivetally } from '../../e2e/livetally-process.ts';
import { type CampaignRow, formatCount } from '../campaign-part.ts';
import { readMetrics, sumOf } from '../upstream/metrics-text.ts';
import { verifyRun } from '../verified-run.ts';
import { oddRequests } from './odd-requests.ts';
import { connectRudely } from './rude-client.ts';

/** A server that keeps such a connection for longer lets itself be occupied. */
const closesWithinMs = 60_000;

/** Malformed requests, huge ones and those of other origins to the real program while it polls: they change nothing. */
export async function askMalformed(times: number): Promise<CampaignRow> {
  const world = busyWorld(20, 20);
  await using folder = await createWorkspace();
  await using tencent = await startTencent(world);
  const text = configText({ baseUrl: tencent.url, store: folder.path('store.db'), world });
  const config = await folder.write('livetally.yaml', text);
  await using livetally = startLivetally(['run', '--config', config], environment);
  const [, metricsUrl = ''] = await livetally.says(/"metrics":"([^"]+)"/);
  const polls = async () => sumOf(readMetrics(await (await fetch(metricsUrl)).text()), 'livetally_polls_total');
  const { origin } = new URL(metricsUrl);
  const findings: string[] = [];
  for (let time = 0; time < times; time++) {
    const before = await polls();
    const asked = oddRequests.map(async ({ name, said, answer }) => {
      const words = await askOnce(origin, said);
      if (!answer.test(words)) findings.push(`${name} was answered with ${JSON.stringify(words.slice(0, 200))}`);
      if (/access-control-allow/i.test(words)) findings.push(`${name}: another origin is let in`);
    });
    await Promise.all(asked);
    // Metrics are made once a second at the most, and each second has a round.
    await delay(2_500);
    if ((await polls()) <= before) findings.push('nothing is polled any more');
    if ((await fetch(`${origin}/healthz`)).status !== 200) findings.push('it is not healthy any more');
  }
  livetally.kill('SIGTERM');
  const { code, stderr } = await livetally.ended;
  if (code !== 0) findings.push(`ended with ${code}: ${stderr}`);
  const verified = await verifyRun(config, environment);
  return {
    test: 'malformed and huge HTTP requests, and those of other origins',
    howMany: formatCount(times * oddRequests.length, 'HTTP requests'),
    ...{ lost: verified.lost, doubled: verified.doubled, wrong: findings.length + verified.wrong },
    findings: [...findings, ...verified.findings],
  };
}

/** All that the server says until it hangs up. */
async function askOnce(url: string, said: string): Promise<string> {
  await using client = await connectRudely(url);
  client.socket.write(said, 'latin1');
  const overdue = delay(closesWithinMs, 'the connection is still open', { ref: false });
  const words = await Promise.race([client.closed, overdue]);
  return words ?? client.said();
}
