#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { type Command, type ExitCode, UsageError } from './commands/command.ts';
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
  poll: {
    summary: 'make one request and show the outcome',
    load: async () => (await import('./commands/poll.ts')).poll,
  },
  simulate: {
    summary: 'serve a simulated Tencent Live',
    load: async () => (await import('./commands/simulate.ts')).simulate,
  },
};

const version = readVersion();

process.exitCode = await main(process.argv.slice(2));

async function main([name, ...rest]: readonly string[]): Promise<ExitCode> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(overview());
    return name === undefined ? 2 : 0;
  }
  if (name === '--version') {
    process.stdout.write(`livetally ${version}\n`);
    return 0;
  }
  const found = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (found === undefined) {
    process.stderr.write(`livetally: there is no command "${name}".\n\n${overview()}`);
    return 2;
  }
  const command = await found.load();
  if (rest.includes('--help') || rest.includes('-h')) {
    process.stdout.write(command.usage);
    return 0;
  }
  try {
    return await command.run({
      arguments: rest,
      environment: process.env,
      stdout: process.stdout,
      stderr: process.stderr,
      clock: systemClock,
      random: systemRandom,
      version,
      nodeVersion: process.version,
      process: { pid: process.pid, host: hostname(), command: `livetally ${name}` },
      stop: listenForSignals(),
    });
  } catch (error) {
    process.stderr.write(`livetally ${name}: ${explain(error)}\n`);
    if (!(error instanceof UsageError)) return 1;
    process.stderr.write(`livetally ${name} --help shows its options.\n`);
    return 2;
  }
}

/** The first signal asks for an orderly stop, the second ends the process: what is committed is safe either way. */
function listenForSignals(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(1);
      stop.abort();
    });
  }
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
