import type { AppConfig } from '../config/config.ts';
import { tagText } from '../config/values.ts';
import { counters } from '../model/measurement.ts';
import { describeOutcome, isAnswer, type Outcome } from '../model/outcome.ts';
import type { Target } from '../model/target.ts';
import { createTencentClient } from '../tencent/client.ts';
import { type Command, parseOptions, UsageError } from './command.ts';
import { defaultConfigFile, loadOrExplain } from './load-or-explain.ts';

const usage = `Usage: livetally poll --room ROOM [--receiver USER] [--app APP] [--config FILE]

Makes one request and shows the outcome: of the room, or of what a receiver was given in it. Nothing is stored.

  --room ROOM       RoomId
  --receiver USER   account of a receiver of gifts in that room
  --app APP         which app of the configuration; needed where there are several
  --config FILE     ${defaultConfigFile}
  --json            the outcome as JSON

Exit code 0 when Tencent has answered for the room, also that it does not exist; 1 for every other outcome.
`;

export const poll: Command = {
  usage,
  async run(context) {
    const options = parseOptions(context, {
      room: { type: 'string' },
      receiver: { type: 'string' },
      app: { type: 'string' },
      config: { type: 'string', default: defaultConfigFile },
      json: { type: 'boolean', default: false },
    });
    if (options.room === undefined) throw new UsageError('--room is missing: name the room to poll.');
    checkName('--room', options.room, 48);
    if (options.receiver !== undefined) checkName('--receiver', options.receiver, 255);
    const config = await loadOrExplain(options.config, context, { mayLackInfluxdbSecret: true });
    if (config === undefined) return 2;
    const app = chooseApp(config.apps, options.app);
    const { clock, random } = context;
    await using client = createTencentClient({ ...app, maxConnections: 1, clock, random });
    const target = toTarget(app.name, options.room, options.receiver);
    const began = clock.monotonicMs();
    const outcome = await client.request(target, context.stop);
    const tookMs = Math.round(clock.monotonicMs() - began);
    context.stdout.write(
      options.json
        ? `${JSON.stringify({ target, tookMs, outcome: named(target, outcome) })}\n`
        : `${client.describeRequest(target)}\n${tookMs} ms: ${describeOutcome(outcome)}\n${totalLines(target, outcome)}`,
    );
    return isAnswer(outcome) ? 0 : 1;
  },
};

/** As the watchlist may hold it. */
function checkName(option: string, name: string, maximumBytes: number): void {
  const [flaw] = tagText(maximumBytes).safeParse(name).error?.issues ?? [];
  if (flaw !== undefined) throw new UsageError(`${option} ${flaw.message}.`);
}

function chooseApp(apps: readonly AppConfig[], name: string | undefined): AppConfig {
  const names = apps.map((app) => app.name).join(', ');
  const [first, second] = apps;
  if (name === undefined && second !== undefined) throw new UsageError(`--app is missing: there are ${names}.`);
  const found = name === undefined ? first : apps.find((app) => app.name === name);
  if (found === undefined) throw new UsageError(`--app ${name}: the configuration has ${names}.`);
  return found;
}

function toTarget(app: string, roomId: string, userId: string | undefined): Target {
  return userId === undefined
    ? { endpoint: 'room_stats', app, roomId }
    : { endpoint: 'gift_count', app, roomId, userId };
}

function named(target: Target, outcome: Outcome): object {
  if (outcome.status !== 'answered') return outcome;
  const totals = counters[target.endpoint].map(({ total }, index) => [total, outcome.totals[index]]);
  return { ...outcome, totals: Object.fromEntries(totals) };
}

function totalLines(target: Target, outcome: Outcome): string {
  if (outcome.status !== 'answered') return '';
  return counters[target.endpoint]
    .map(({ total }, index) => `  ${total.padEnd(26)} ${outcome.totals[index] ?? 'not sent'}\n`)
    .join('');
}
