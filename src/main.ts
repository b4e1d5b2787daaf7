#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { type Command, type ExitCode, explainUnknownCommand, UsageError } from './commands/command.ts';
import { systemClock, systemRandom } from './system-clock.ts';

/** Loaded when asked for: the collector does not pay for the simulator. */
const commands: Readonly<Record<string, { readonly summary: string; readonly load: () => Promise<Command> }>> = {
  run: { summary: 'poll the watchlist until stopped', load: async () => (await import('./commands/run.ts')).run },
  demo: {
    summary: 'the collector against a simulated Tencent Live',
    load: async () => (await import('./commands/demo.ts')).demo,
  },
  check: {
    summary: 'validate the configuration and print the plan',
    load: async () => (await import('./commands/check.ts')).check,
  },
  setup: {
    summary: "make InfluxDB's buckets and tokens, and Grafana's files",
    load: async () => (await import('./commands/setup.ts')).setup,
  },
  poll: {
    summary: 'make one request and show the outcome',
    load: async () => (await import('./commands/poll.ts')).poll,
  },
  verify: {
    summary: 'prove that nothing disappeared: store and InfluxDB against each other',
    load: async () => (await import('./commands/verify.ts')).verify,
  },
  backup: {
    summary: 'copy the store while the collector runs',
    load: async () => (await import('./commands/backup.ts')).backup,
  },
  salvage: {
    summary: 'save what can be read of a damaged store',
    load: async () => (await import('./commands/salvage.ts')).salvage,
  },
  recall: {
    summary: 'bring into a restored backup what InfluxDB has got since',
    load: async () => (await import('./commands/recall.ts')).recall,
  },
  reship: {
    summary: 'ship again what the store holds, into a new or emptied InfluxDB',
    load: async () => (await import('./commands/reship.ts')).reship,
  },
  simulate: {
    summary: 'serve a simulated Tencent Live',
    load: async () => (await import('./commands/simulate.ts')).simulate,
  },
};

const helpWords: readonly string[] = ['help', '--help', '-h'];
const readerGone = new Error('nobody reads stdout any more');
const version = readVersion();

process.exitCode = await main(process.argv.slice(2));

async function main([first, ...rest]: readonly string[]): Promise<ExitCode> {
  const isHelp = first !== undefined && helpWords.includes(first);
  // `livetally help run` is `livetally run --help`.
  const name = isHelp ? rest[0] : first;
  if (name === undefined) {
    process.stdout.write(overview());
    return isHelp ? 0 : 2;
  }
  if (name === '--version' || name === '-v') {
    process.stdout.write(`livetally ${version}\n`);
    return 0;
  }
  const found = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (found === undefined) {
    process.stderr.write(`livetally: ${explainUnknownCommand(name, Object.keys(commands))}\n\n${overview()}`);
    return 2;
  }
  const command = await found.load();
  if (isHelp || rest.some((argument) => argument === '--help' || argument === '-h')) {
    process.stdout.write(command.usage);
    return 0;
  }
  const stop = listenForSignals();
  try {
    const exitCode = await command.run({
      arguments: rest,
      environment: process.env,
      stdout: process.stdout,
      stderr: process.stderr,
      clock: systemClock,
      random: systemRandom,
      version,
      nodeVersion: process.version,
      process: { pid: process.pid, host: hostname(), command: `livetally ${name}` },
      stop,
    });
    return stop.reason === readerGone ? 1 : exitCode;
  } catch (error) {
    process.stderr.write(`livetally ${name}: ${explain(error)}\n`);
    if (!(error instanceof UsageError)) return 1;
    process.stderr.write(`livetally ${name} --help shows its options.\n`);
    return 2;
  }
}

/**
 * The first signal asks for an orderly stop, the second ends the process: what is committed is safe either way. A reader of stdout
 * who has gone, as `head` does, asks for a stop too, which is a failure: a supervisor starts the collector again.
 */
function listenForSignals(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(1);
      stop.abort();
    });
  }
  process.stdout.on('error', (error) => {
    if (!('code' in error && error.code === 'EPIPE')) throw error;
    stop.abort(readerGone);
  });
  return stop.signal;
}

function readVersion(): string {
  const found: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return typeof found === 'object' && found !== null && 'version' in found ? String(found.version) : 'unknown';
}

function overview(): string {
  const rows = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(10)}${summary}`);
  return `livetally ${version}: keeps the tally of live rooms\n\nUsage: livetally <command> [options]\n\n${rows.join('\n')}\n\nlivetally <command> --help shows its options.\n`;
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause =
    error.cause instanceof Error && !error.message.includes(error.cause.message) ? error.cause.message : undefined;
  return cause === undefined ? error.message : `${error.message} (${cause})`;
}
