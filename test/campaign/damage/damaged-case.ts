import { readFileSync } from 'node:fs';
import type { TemporaryStore } from '../../integration/store/temporary-store.ts';
import type { OriginalStore } from './original-store.ts';
import type { Harm } from './spoil.ts';

/** One damaged copy of the original store. */
export type DamagedCase = {
  readonly harm: Harm;
  readonly place: TemporaryStore;
  readonly original: OriginalStore;
  /** Something that must not be. */
  readonly add: (words: string) => void;
  /** What became of it, for the log. */
  readonly counted: (what: string, by?: number) => void;
};

/** Tells which of the two files of a store are not as they were when this was called. */
export function watchFiles(path: string): () => readonly string[] {
  const names = [path, `${path}-wal`];
  const before = names.map((name) => readOrNothing(name));
  return () => names.filter((name, index) => !isSame(readOrNothing(name), before[index]));
}

function isSame(now: Buffer | undefined, before: Buffer | undefined): boolean {
  return now === undefined || before === undefined ? now === before : now.equals(before);
}

function readOrNothing(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
