import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system of its own in memory, which only the servers that are started on it see. */
export type SmallDisk = AsyncDisposable & {
  /** Where it is for a program on it. */
  readonly folder: string;
  /** What to put before the command of such a program. */
  readonly entrance: readonly string[];
  /** Takes all that is free but so many bytes. */
  fill(exceptBytes: number): Promise<void>;
  /** Gives back what `fill` took. */
  free(): Promise<void>;
};

const setpriv = ['/usr/bin/setpriv', '--pdeathsig', 'KILL'];
const isRoot = process.getuid?.() === 0;
/** Root needs no users of its own; anybody else may mount where Linux lets them have some. */
const newNamespace = ['/usr/bin/unshare', ...(isRoot ? [] : ['--map-root-user']), '--mount'];

/**
 * Whether this machine lets the tests mount a file system, for `describe.skipIf(!canMount())`. Says so on the console where it
 * does not, and does not throw where CI=true as for a missing server: containers without this right are common, and nothing
 * that could be installed gives it.
 */
export function canMount(): boolean {
  const [program = '', ...rest] = newNamespace;
  const tried = spawnSync(program, [...rest, 'mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', '/mnt']);
  if (tried.status === 0) return true;
  console.warn(`skipped: no file system can be mounted here: ${tried.error?.message ?? String(tried.stderr)}`);
  return false;
}

/**
 * The mount is known only to a namespace that ends with the last process in it, and Linux kills those with the process of the
 * tests: however that ends, no mount is left. It outlives the server, which can be started again on what it has written.
 */
export async function mountSmallDisk(sizeBytes: number): Promise<SmallDisk> {
  await using resources = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'livetally-small-disk-'));
  resources.defer(() => rm(folder, { recursive: true, force: true }));
  const mount = `mount -t tmpfs -o size=${sizeBytes} tmpfs "$0" && echo mounted && exec sleep infinity`;
  const [program = '', ...rest] = [...setpriv, ...newNamespace, 'sh', '-c', mount, folder];
  const holder = spawn(program, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
  resources.defer(() => end(holder));
  await Promise.race([once(holder.stdout, 'data'), once(holder, 'exit').then(() => failToMount(folder))]);
  const namespaces = isRoot ? ['--mount'] : ['--user', '--preserve-credentials', '--mount'];
  const seenFromOutside = `/proc/${holder.pid}/root${folder}`;
  const filler = `${seenFromOutside}/filler`;
  const kept = resources.move();
  return {
    folder,
    entrance: ['/usr/bin/nsenter', '--target', String(holder.pid), ...namespaces, '--'],
    async fill(exceptBytes) {
      const { bavail, bsize } = await statfs(seenFromOutside);
      await writeFile(filler, Buffer.alloc(Math.max(0, bavail * bsize - exceptBytes)));
    },
    free: () => rm(filler),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

function failToMount(folder: string): never {
  throw new Error(`no file system could be mounted on ${folder}`);
}

async function end(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return;
  process.kill('SIGKILL');
  await once(process, 'exit');
}
