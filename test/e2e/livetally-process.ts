import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
/** Half of what a start costs is reading the sources. */
const compileCache = join(root, 'node_modules/.cache/livetally-tests');

/** What a run that is broken off leaves behind otherwise. */
const living = new Set<ChildProcess>();
const folders = new Set<string>();
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

export type Ended = {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
};

export type LivetallyProcess = AsyncDisposable & {
  readonly pid: number;
  kill(signal: NodeJS.Signals): void;
  /** What it has written to stdout so far. */
  stdout(): string;
  /** Resolves with the first match in what it writes to stdout; rejects when it ends before. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  readonly ended: Promise<Ended>;
};

/** As `npm run livetally` does. */
const fromSources = [process.execPath, join(root, 'src/main.ts')];

/** Starts the real program. `command` is what comes before its arguments. */
export function startLivetally(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  command: readonly string[] = fromSources,
): LivetallyProcess {
  // `env` takes variables before the program.
  const child = spawn('/usr/bin/env', [...command, ...args], {
    env: { PATH: process.env['PATH'] ?? '', NODE_COMPILE_CACHE: compileCache, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  living.add(child);
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  const ended = once(child, 'close').then(([code, signal]): Ended => {
    living.delete(child);
    return { code, signal, stdout: stdout.text, stderr: stderr.text };
  });
  return {
    pid: child.pid ?? 0,
    kill: (signal) => child.kill(signal),
    stdout: () => stdout.text,
    ended,
    says: async (pattern) => {
      for (;;) {
        const match = pattern.exec(stdout.text);
        if (match !== null) return match;
        const next = await Promise.race([once(child.stdout, 'data'), ended]);
        if (!Array.isArray(next) && pattern.exec(stdout.text) === null) {
          throw new Error(
            `livetally ended with ${next.code} before it said ${pattern}:\n${next.stdout}\n${next.stderr}`,
          );
        }
      }
    },
    [Symbol.asyncDispose]: () => endNow(child, ended),
  };
}

export function runLivetally(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  return startLivetally(args, environment).ended;
}

async function endNow(child: ChildProcess, ended: Promise<Ended>): Promise<void> {
  child.kill('SIGKILL');
  await ended;
}

function collect(stream: NodeJS.ReadableStream): { text: string } {
  const collected = { text: '' };
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    collected.text += chunk;
  });
  return collected;
}

export type Workspace = AsyncDisposable & {
  path(name: string): string;
  write(name: string, text: string): Promise<string>;
};

/** A temporary folder of a test. */
export async function createWorkspace(): Promise<Workspace> {
  const folder = await mkdtemp(join(tmpdir(), 'livetally-e2e-'));
  folders.add(folder);
  return {
    path: (name) => join(folder, name),
    write: async (name, text) => {
      await writeFile(join(folder, name), text);
      return join(folder, name);
    },
    [Symbol.asyncDispose]: async () => {
      await rm(folder, { recursive: true, force: true });
      folders.delete(folder);
    },
  };
}
