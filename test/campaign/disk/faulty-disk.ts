import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Workspace } from '../../e2e/livetally-process.ts';
import { requireServer } from '../../real/servers/locate.ts';
import { runProgram } from '../../real/servers/run-program.ts';

export type Trouble =
  | { readonly kind: 'well' }
  /** No file grows, and none is made. */
  | { readonly kind: 'full' }
  /** As Linux makes a file system that it finds damaged: also files that are open take nothing any more. */
  | { readonly kind: 'read_only' }
  /** One call in so many that changes or syncs a file fails with EIO, or does half of its writing. */
  | { readonly kind: 'failing'; readonly oneIn: number }
  /** One read in so many fails with EIO. */
  | { readonly kind: 'unreadable'; readonly oneIn: number };

/** A folder on a disk that gets into trouble when it is told to; only programs started with its environment see it. */
export type FaultyDisk = Disposable & {
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  become(trouble: Trouble): void;
  /** The program is killed at the change of a file that this counts to, from 1; 0 is never. */
  killAt(change: number, isHalfDone: boolean): void;
  /** Calls that were failed so far. */
  readonly met: number;
  /** Changes that are still to come before the program is killed. */
  readonly changesLeft: number;
};

/** Builds what is put before the C library; a path for `createFaultyDisk`. */
export async function buildDiskFaults(workspace: Workspace): Promise<string> {
  const library = workspace.path('disk-faults.so');
  const source = join(import.meta.dirname, 'disk-faults.c');
  const { exitCode, stderr } = await runProgram(requireServer('cc'), [
    ...['-shared', '-fPIC', '-O1', '-Wall', '-Werror', '-o', library, source, '-ldl'],
  ]);
  if (exitCode !== 0) throw new Error(`disk-faults.c cannot be compiled: ${stderr}`);
  return library;
}

/** The fields of `struct state` in disk-faults.c. */
const fields = ['trouble', 'oneIn', 'chance', 'changesLeft', 'isHalf', 'met'] as const;
const troubles = ['well', 'full', 'read_only', 'failing', 'unreadable'] as const;

export function createFaultyDisk(workspace: Workspace, library: string, chance: number): FaultyDisk {
  const folder = workspace.path('disk');
  mkdirSync(folder);
  const statePath = workspace.path('disk-state');
  writeFileSync(statePath, Buffer.alloc(4 * fields.length));
  const file = openSync(statePath, 'r+');
  const set = (field: (typeof fields)[number], value: number) =>
    writeSync(file, Int32Array.of(value), 0, 4, 4 * fields.indexOf(field));
  const get = (field: (typeof fields)[number]) => readFileSync(statePath).readInt32LE(4 * fields.indexOf(field));
  set('chance', chance);
  return {
    folder,
    environment: { LD_PRELOAD: library, DISK_FAULTS_FOLDER: folder, DISK_FAULTS_STATE: statePath },
    become(trouble) {
      // The trouble itself last: what it goes by is there when it begins.
      if ('oneIn' in trouble) set('oneIn', trouble.oneIn);
      set('trouble', troubles.indexOf(trouble.kind));
    },
    killAt(change, isHalfDone) {
      set('isHalf', isHalfDone ? 1 : 0);
      set('changesLeft', change);
    },
    get met() {
      return get('met');
    },
    get changesLeft() {
      return get('changesLeft');
    },
    [Symbol.dispose]: () => closeSync(file),
  };
}
