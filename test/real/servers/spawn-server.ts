import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { SmallDisk } from './small-disk.ts';

export interface ServerPlace {
  readonly port: number;
  /** Everything the server writes goes here; it is removed at the end. */
  readonly directory: string;
}

export interface ServerCommand {
  /** For error messages. */
  readonly name: string;
  readonly binary: string;
  readonly argumentsAt: (place: ServerPlace) => readonly string[];
  /** A path that answers 2xx once the server takes requests. */
  readonly healthPath: string;
  /** Writes what the server reads, such as its config file, before its first start. */
  readonly prepare?: (place: ServerPlace) => Promise<void>;
  readonly startTimeoutMs?: number;
  /** It sees this disk, which is the caller's. */
  readonly disk?: SmallDisk | undefined;
}

/** A server of a test. Disposing of it kills it and removes its directory. */
export interface ServerProcess extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly directory: string;
  /** Of the latest start. */
  readonly pid: number;
  /** Resolves once the process is gone; its data stays. SIGTERM by default, followed by SIGKILL after ten seconds. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same port and data, stopping it first where it still runs. */
  restart(): Promise<void>;
}

/** Starts a server on a free loopback port in a new directory and waits until it is healthy. */
export async function spawnServer(command: ServerCommand): Promise<ServerProcess> {
  for (let attempt = 1; ; attempt++) {
    const server = new SpawnedServer(command, {
      port: await findFreePort(),
      directory: await mkdtemp(join(tmpdir(), `livetally-${command.name}-`)),
    });
    try {
      await server.start();
      return server;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      // Somebody else took the port between the search and the start.
      if (attempt < 3 && String(error).includes('address already in use')) {
        continue;
      }
      throw error;
    }
  }
}

const living = new Set<SpawnedServer>();
process.on('exit', () => {
  for (const server of living) {
    server.abandon();
  }
});

class SpawnedServer implements ServerProcess {
  readonly #command: ServerCommand;
  readonly #place: ServerPlace;
  #child: ChildProcess | undefined;
  #output = '';
  #isPrepared = false;

  constructor(command: ServerCommand, place: ServerPlace) {
    this.#command = command;
    this.#place = place;
    living.add(this);
  }

  get url(): string {
    return `http://127.0.0.1:${this.#place.port}`;
  }

  get port(): number {
    return this.#place.port;
  }

  get directory(): string {
    return this.#place.directory;
  }

  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) {
      throw new Error(`${this.#command.name} was not started`);
    }
    return pid;
  }

  async start(): Promise<void> {
    if (!this.#isPrepared) {
      await this.#command.prepare?.(this.#place);
      this.#isPrepared = true;
    }
    this.#output = '';
    const { binary, argumentsAt, disk } = this.#command;
    const command = [...(disk?.entrance ?? []), binary, ...argumentsAt(this.#place)];
    const child = spawnBoundToParent(command, this.directory);
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output = (this.#output + text).slice(-4000);
      });
    }
    // 'exit' does not come where the program could not be run at all.
    const failure = new AbortController();
    child.on('error', (error) => failure.abort(error.message));
    child.on('exit', (code, signal) => failure.abort(`it ended with ${signal ?? `exit code ${code}`}`));
    await this.#waitUntilHealthy(failure.signal);
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (child?.pid === undefined || !isRunning(child)) {
      return;
    }
    const exit = once(child, 'exit');
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await exit;
    clearTimeout(timer);
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop('SIGKILL');
    await rm(this.directory, { recursive: true, force: true });
    living.delete(this);
  }

  /** What can still be done while this process exits. */
  abandon(): void {
    this.#child?.kill('SIGKILL');
    rmSync(this.directory, { recursive: true, force: true });
  }

  async #waitUntilHealthy(failed: AbortSignal): Promise<void> {
    const { name, healthPath, startTimeoutMs = 30_000 } = this.#command;
    const signal = AbortSignal.any([failed, AbortSignal.timeout(startTimeoutMs)]);
    while (!(await answersWell(`${this.url}${healthPath}`, signal))) {
      if (signal.aborted) {
        const reason = failed.aborted ? failed.reason : `it was not healthy after ${startTimeoutMs} ms`;
        await this.stop('SIGKILL');
        throw new Error(`${name} did not start: ${reason}. The end of its output:\n${this.#output}`);
      }
      await delay(25);
    }
  }
}

async function answersWell(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    const response = await fetch(url, { signal });
    await response.arrayBuffer();
    // A server that has ended may have left its port to a stranger, who would answer for it.
    return response.ok && !signal.aborted;
  } catch {
    return false;
  }
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

/**
 * Linux kills the child when its parent is gone, however that ended; elsewhere the listener on 'exit' must do, which a
 * SIGKILL passes by. The child sees nothing of the caller's environment, which could hold settings for such a server.
 */
function spawnBoundToParent(command: readonly string[], directory: string): ChildProcess {
  const setpriv = '/usr/bin/setpriv';
  const [program = '', ...rest] = existsSync(setpriv) ? [setpriv, '--pdeathsig', 'KILL', ...command] : command;
  return spawn(program, rest, {
    cwd: directory,
    env: { PATH: process.env['PATH'], HOME: directory },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/**
 * Below the ports that Linux gives to outgoing connections (32768 and up): a client that keeps trying a port of that
 * range while its server is down can end up connected to itself, or to another test's client.
 */
async function findFreePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (await isFree(port)) {
      return port;
    }
  }
  throw new Error('no free port between 20000 and 32000 on 127.0.0.1');
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      probe.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
  } catch {
    return false;
  }
  probe.close();
  await once(probe, 'close');
  return true;
}
