import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { type Figure, isMet, type Measurement } from './figure.ts';
import { alerts } from './figures/alerts.ts';
import { backlog } from './figures/backlog.ts';
import { cpu } from './figures/cpu.ts';
import { dashboards } from './figures/dashboards.ts';
import { memory } from './figures/memory.ts';
import { rate } from './figures/rate.ts';
import { shows } from './figures/shows.ts';
import { store } from './figures/store.ts';
import { watchlist } from './figures/watchlist.ts';
import { formatTable } from './table.ts';

const figures: readonly Figure[] = [cpu, memory, rate, store, backlog, watchlist, alerts, dashboards, shows];
const usage = `Usage: npm run bench -- [--quick] [figure ...]\nFigures: ${figures.map(({ name }) => name).join(' ')}\n`;

// Without a listener a signal would end this process before it can stop its servers and remove their files.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const chosen = readArguments(args);
  if (chosen === undefined) {
    process.stderr.write(usage);
    return 2;
  }
  process.stdout.write(`${describeMachine()}\n\n`);
  const measurements: Measurement[] = [];
  let hasFailed = false;
  for (const figure of chosen.figures) {
    const log = (line: string) => process.stderr.write(`${figure.name}: ${line}\n`);
    try {
      measurements.push(...(await figure.run({ isQuick: chosen.isQuick, log })));
    } catch (error) {
      hasFailed = true;
      console.error(`${figure.name} could not be measured:`, error);
    }
  }
  process.stdout.write(`\n${formatTable(measurements)}`);
  return !hasFailed && measurements.every(isMet) ? 0 : 1;
}

function readArguments(args: readonly string[]) {
  try {
    const options = { quick: { type: 'boolean', default: false } } as const;
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    if (positionals.some((name) => figures.every((figure) => figure.name !== name))) return undefined;
    const named = figures.filter(({ name }) => positionals.includes(name));
    return { isQuick: values.quick, figures: named.length > 0 ? named : figures };
  } catch {
    return undefined;
  }
}

function describeMachine(): string {
  const load = loadavg().map((value) => value.toFixed(1));
  return `Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown CPU'}, load ${load.join(' ')}`;
}
