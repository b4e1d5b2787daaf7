import { type Collector, startCollector } from '../collector.ts';
import { sleep } from '../model/clock.ts';
import { counted, formatNumber } from '../model/figures.ts';
import { startSimulator } from '../simulator/server.ts';
import { createWorld } from '../simulator/world.ts';
import { createLog } from '../telemetry/log.ts';
import { type Command, type CommandContext, type Output, parseDuration, parseOptions, stopAfter } from './command.ts';
import { demoAccount, demoConfig } from './demo-config.ts';
import { DemoScene } from './demo-scene.ts';
import { formatDuration, liveLine, liveTable } from './live-table.ts';
import type { Screen } from './screen.ts';

const usage = `Usage: livetally demo [--for DURATION] [--store FILE]

Runs the real collector against a simulated Tencent Live over HTTP: 200 rooms and 300 receivers in shows that start, spike and
end, an hour of theirs in a minute. Shows the rooms by gift coins, the rate against the limit, the store and the metrics.

  --for DURATION    ends by itself, such as 20s; without it, Ctrl-C
  --store FILE      data/demo.db; a later demo goes on with it
`;

const world = {
  seed: 20_260_101,
  rooms: 200,
  receivers: 300,
  pace: 60,
  showsPerDay: 6,
  showHours: { min: 1.5, max: 2.4 },
  spikesPerHour: 0.5,
};
const refreshMs = 1_000;
const lineEveryMs = 5_000;

export const demo: Command = {
  usage,
  async run(context) {
    const options = parseOptions(context, {
      for: { type: 'string' },
      store: { type: 'string', default: 'data/demo.db' },
    });
    const { clock, random, stop } = context;
    const forMs = options.for === undefined ? undefined : parseDuration('--for', options.for);
    const rooms = createWorld(world);
    await using simulator = await startSimulator({
      world: rooms,
      clock,
      random,
      latency: { minMs: 20, maxMs: 80 },
      apps: [{ ...demoAccount, identifiers: [demoAccount.identifier] }],
    });
    const scene = new DemoScene(rooms.roomIds, clock);
    const config = demoConfig({ world: rooms, baseUrl: simulator.url, storePath: options.store });
    const collector = await startCollector({
      ...context,
      config,
      log: await createLog({ level: 'warn', format: 'pretty', destination: context.stderr }),
      onSample: (series, sample) => scene.take(series, sample),
    });
    using end = forMs === undefined ? undefined : stopAfter(clock, forMs, stop);
    const failure = await Promise.race([
      watch(context, { scene, collector, storePath: options.store, end: end?.signal ?? stop }),
      collector.failed,
    ]);
    let share = 'not all';
    try {
      await collector.stop();
      share = 'all';
    } finally {
      context.stdout.write(summarize(collector, scene.elapsedMs));
      context.stdout.write(`${share} of it is committed to ${options.store}; a later demo goes on with it\n`);
    }
    if (failure !== undefined) throw failure;
    return 0;
  },
};

function summarize(collector: Collector, elapsedMs: number): string {
  const rows = collector.endpoints.map(
    ({ endpoint, answered, gone, failed, skipped }) =>
      `  ${endpoint}: ${counted(answered, 'sample')}, ${formatNumber(gone)} gone, ${formatNumber(failed)} failed, ${formatNumber(skipped)} skipped\n`,
  );
  return `\nstopped after ${formatDuration(elapsedMs)}\n${rows.join('')}`;
}

type Watched = {
  readonly scene: DemoScene;
  readonly collector: Collector;
  readonly storePath: string;
  readonly end: AbortSignal;
};

/** Draws until the end: in place on a terminal, else a line now and then. */
async function watch({ stdout, clock, environment }: CommandContext, watched: Watched): Promise<undefined> {
  const { scene, collector, storePath, end } = watched;
  const isTerminal = stdout.isTTY === true;
  if (!isTerminal) stdout.write(`store ${storePath}, metrics ${collector.url}/metrics\n`);
  while (!end.aborted) {
    await sleep(clock, isTerminal ? refreshMs : lineEveryMs, end);
    const figures = await scene.figures(collector, storePath);
    if (isTerminal) drawInPlace(stdout, liveTable(figures, screenOf(stdout, environment)));
    else stdout.write(`${liveLine(figures)}\n`);
  }
}

/** Asked anew for each picture: windows change their size. The last column stays free, since erasing behind it erases it too. */
function screenOf({ columns = 80, rows = 24 }: Output, environment: CommandContext['environment']): Screen {
  return { width: columns - 1, height: rows, isColored: environment['NO_COLOR'] === undefined };
}

/** Over what was there before, line by line, so that nothing flickers. */
function drawInPlace(stdout: Output, lines: readonly string[]): void {
  const toLineEnd = '\u001b[K\n';
  stdout.write(`\u001b[H${lines.join(toLineEnd)}${toLineEnd}\u001b[J`);
}
