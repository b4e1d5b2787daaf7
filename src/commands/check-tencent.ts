import type { AppConfig, Config } from '../config/config.ts';
import { sleep } from '../model/clock.ts';
import { counted } from '../model/figures.ts';
import { describeOutcome, isAnswer, type Outcome } from '../model/outcome.ts';
import { describeTarget, type Endpoint, endpoints, type Target } from '../model/target.ts';
import { createTencentClient, type TencentClient } from '../tencent/client.ts';
import { exploreAddress, schemeProblem } from './address.ts';
import { type CommandContext, stopAfter } from './command.ts';
import type { Finding } from './finding.ts';

/** Enough to meet most mistakes that are in many entries, and over in a few seconds. */
const mostAsked = 10;
const longestPauseMs = 1_000;
const exploreTimeoutMs = 5_000;

type Asked = { readonly target: Target; readonly outcome: Outcome };

/** Asks for a few targets of each endpoint that the watchlist uses, from all over it. */
export async function checkTencent(
  app: AppConfig,
  watchlist: Config['watchlist'],
  context: CommandContext,
): Promise<readonly Finding[]> {
  const { clock, random } = context;
  const findings: Finding[] = [];
  await using client = createTencentClient({ ...app, maxConnections: 1, clock, random });
  for (const endpoint of endpoints) {
    const targets = watchlist
      .map(({ series }) => series.target)
      .filter((target) => target.app === app.name && target.endpoint === endpoint);
    if (targets.length === 0) continue;
    const asked = await ask(client, spreadOver(targets), app.limits[endpoint], context);
    const subject = `${app.name} ${app.commands[endpoint]} at ${new URL(app.baseUrl).host}`;
    findings.push({ subject, ...(await judge(asked, app, endpoint, context)) });
  }
  return findings;
}

/** The first and as many more, at equal distances. */
function spreadOver(targets: readonly Target[]): readonly Target[] {
  const step = Math.max(1, targets.length / mostAsked);
  return targets.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step));
}

/** One after the other, until one fails for a reason that is not its own. */
async function ask(
  client: TencentClient,
  targets: readonly Target[],
  limit: number,
  { clock, stop }: CommandContext,
): Promise<readonly Asked[]> {
  // A twentieth of the limit is what a collector that runs at the same time leaves.
  const pauseMs = Math.min(longestPauseMs, 20_000 / limit);
  const asked: Asked[] = [];
  for (const target of targets) {
    if (asked.length > 0) await sleep(clock, pauseMs, stop);
    const outcome = await client.request(target, stop);
    asked.push({ target, outcome });
    if (!isAnswer(outcome) && outcome.status !== 'bad_target') break;
  }
  return asked;
}

async function judge(
  asked: readonly Asked[],
  app: AppConfig,
  endpoint: Endpoint,
  { clock, stop }: CommandContext,
): Promise<Omit<Finding, 'subject'>> {
  const failed = asked.find(({ outcome }) => !isAnswer(outcome));
  if (failed === undefined) return { isGood: true, words: describeAnswers(asked, endpoint) };
  const { target, outcome } = failed;
  const words = describeOutcome(outcome);
  if (outcome.status === 'bad_target') return { isGood: false, words: `${describeTarget(target)}: ${words}` };
  if (!['network_error', 'http_error', 'bad_answer', 'timeout'].includes(outcome.status))
    return { isGood: false, words };
  using exploring = stopAfter(clock, exploreTimeoutMs, stop);
  const remedy = schemeProblem(app.baseUrl, await exploreAddress(app.baseUrl, exploring.signal), 'base_url');
  return { isGood: false, words: remedy ?? words };
}

const nouns: Readonly<Record<Endpoint, string>> = { room_stats: 'room', gift_count: 'receiver' };

/** A room that is gone is still an answer of the right host to the right key, but all of them may be mistyped. */
function describeAnswers(asked: readonly Asked[], endpoint: Endpoint): string {
  const gone = asked.filter(({ outcome }) => outcome.status === 'gone').map(({ target }) => target.roomId);
  const answered = `answered for ${counted(asked.length, nouns[endpoint])}`;
  if (gone.length === 0) return answered;
  return `${answered}; rooms that do not exist at the moment: ${[...new Set(gone)].join(', ')}`;
}
