import { parseArgs } from 'node:util';
import { runSeed } from './run-seed.ts';
import { runSeeds, type SeedsReport } from './run-seeds.ts';
import { temporaryFolder } from './temporary-folder.ts';

const usage = `Usage: npm run simulate:long -- [--seeds N] [--from S] [--threads N]
       npm run simulate:long -- --seed S

Runs the whole collector in virtual time, once for each seed: rooms, faults of everything around it, jumps of the clock,
crashes and restarts follow from the seed alone. What it leaves behind is held against what really happened.

  --seeds N     how many (100)
  --from S      the first of them (1)
  --threads N   as many as there are cores
  --seed S      replays one, with every line that the collector would log

A seed that takes more than five minutes of real time is told as a finding, and its thread is ended.
`;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const chosen = readArguments(args);
  if (chosen === undefined) {
    process.stderr.write(usage);
    return 2;
  }
  if (chosen.seed !== undefined) return await replay(chosen.seed);
  const report = await runSeeds({ ...chosen, log: (line) => process.stderr.write(`${line}\n`) });
  process.stdout.write(describe(report));
  return report.findings.length === 0 ? 0 : 1;
}

function readArguments(args: readonly string[]) {
  try {
    const number = { type: 'string' } as const;
    const { values } = parseArgs({
      args: [...args],
      options: { seeds: number, from: number, threads: number, seed: number },
    });
    const [count = 100, from = 1, threads, seed] = [values.seeds, values.from, values.threads, values.seed].map(
      (text) => (text === undefined ? undefined : Number(text)),
    );
    if ([count, from, threads, seed].some((value) => value !== undefined && !(Number.isInteger(value) && value >= 0))) {
      return undefined;
    }
    return { count, from, seed, ...(threads !== undefined && { threads }) };
  } catch {
    return undefined;
  }
}

async function replay(seed: number): Promise<number> {
  using folder = temporaryFolder();
  const { findings, ...report } = await runSeed(seed, {
    folder: folder.path,
    log: (line) => process.stdout.write(`${line}\n`),
  });
  process.stdout.write(
    `${JSON.stringify({ ...report, outcomes: [...report.outcomes], unshowable: [...report.unshowable] })}\n`,
  );
  for (const words of findings.words) process.stdout.write(`${words}\n`);
  return findings.isClean ? 0 : 1;
}

function describe(report: SeedsReport): string {
  const { seeds, due, committed, crashes, stops, makings, lost, doubled, wrong, outcomes, unshowable, tookMs } = report;
  const perSecond = Math.round((due * 1000) / tookMs);
  const rows: readonly (readonly [string, number])[] = [
    ...([
      ['seeds', seeds],
      ['polls due', due],
      ['samples committed', committed],
    ] as const),
    ...([
      ['crashes', crashes],
      ['stops in order', stops],
      ['lives of rooms and receivers', makings],
    ] as const),
    ...([
      ['lost', lost],
      ['doubled', doubled],
      ['false', wrong],
    ] as const),
    ...[...outcomes].map(([outcome, count]) => [`polls that ended as ${outcome}`, count] as const),
    ...[...unshowable].map(([kind, count]) => [`not to be seen in the counters: ${kind}`, count] as const),
    ['polls due a second', perSecond],
  ];
  return rows.map(([name, count]) => `| ${name} | ${count.toLocaleString('en-US')} |\n`).join('');
}
