import { parseArgs } from 'node:util';
import { type CampaignPart, type CampaignRow, formatTable, isClean, runPart } from './campaign-part.ts';
import { configFuzz } from './config-fuzz/config-fuzz.ts';
import { killedProcess } from './crash/killed-process.ts';
import { tornWrites } from './crash/torn-writes.ts';
import { damage } from './damage/damage.ts';
import { disk } from './disk/disk.ts';
import { limits } from './limits/limits.ts';
import { secretScan } from './secrets/secrets.ts';
import { sinkFaults } from './sink/sink-part.ts';
import { soak } from './soak/soak.ts';
import { upstream } from './upstream/upstream.ts';
import { virtualTime } from './virtual/virtual-time.ts';

const parts: readonly CampaignPart[] = [
  configFuzz,
  sinkFaults,
  upstream,
  secretScan,
  limits,
  tornWrites,
  killedProcess,
  damage,
  disk,
  virtualTime,
  soak,
];

const usage = `Usage: npm run campaign -- [--seed N] [--count N] [part ...]

Runs the parts named, or all of them, and prints what was lost, doubled or false. --count is how many of the part's own
measure, and --seed where chance begins: a finding says which of them shows it again. A part that cannot be run to its end
has a row that says so. The backlog of 24 h is a figure with ratios, not a row: npm run bench -- backlog

${parts.map(({ name, summary }) => `  ${name.padEnd(14)}${summary}\n`).join('')}`;

// Without a listener a signal would end this process before it can stop its servers and remove their files.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const chosen = readArguments(args);
  if (chosen === undefined) {
    process.stderr.write(usage);
    return 2;
  }
  const rows: CampaignRow[] = [];
  for (const part of chosen.parts) {
    const log = (line: string) => process.stderr.write(`${part.name}: ${line}\n`);
    log(`seed ${chosen.seed}`);
    const found = await runPart(part, { seed: chosen.seed, count: chosen.count, log });
    for (const finding of found.flatMap(({ findings }) => findings)) log(`FOUND ${finding}`);
    rows.push(...found);
  }
  process.stdout.write(`\n${formatTable(rows)}`);
  return rows.every(isClean) ? 0 : 1;
}

function readArguments(args: readonly string[]) {
  try {
    const options = { seed: { type: 'string', default: '1' }, count: { type: 'string' } } as const;
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    if (positionals.some((name) => parts.every((part) => part.name !== name))) return undefined;
    const seed = Number(values.seed);
    const count = values.count === undefined ? undefined : Number(values.count);
    if (!Number.isSafeInteger(seed) || (count !== undefined && !Number.isSafeInteger(count))) return undefined;
    const named = parts.filter(({ name }) => positionals.includes(name));
    return { seed, count, parts: named.length > 0 ? named : parts };
  } catch {
    return undefined;
  }
}
