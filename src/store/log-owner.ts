import { statSync } from 'node:fs';
import { readHead } from './file-head.ts';

/** Of https://www.sqlite.org/fileformat2.html#file_format_version_numbers: 2 in a file that is used with a log, 1 in others. */
const writeVersionAt = 18;
const withoutLog = 1;

/**
 * Whose the log beside a file is: SQLite deletes one whose file is missing or empty, and takes pages out of one of another file
 * for its own. A file that is used with a log says so before there is one; a copy that `backUp` or `salvage` has made does not.
 */
export function ownerOfLog(path: string): 'this' | 'missing' | 'other' {
  if (sizeOf(`${path}-wal`) === 0) return 'this';
  if (sizeOf(path) === 0) return 'missing';
  return readHead(path, writeVersionAt + 1)?.[writeVersionAt] === withoutLog ? 'other' : 'this';
}

/** Throws where what is beside a file is the log of another. */
export function refuseStrangeLog(path: string): void {
  const owner = ownerOfLog(path);
  if (owner === 'missing') {
    throw new Error(
      `the store ${path} is missing or empty, and its log ${path}-wal is there: put the file back that belongs to it, ` +
        'or save what can be read with livetally salvage, or move the log away to start with an empty store',
    );
  }
  if (owner === 'other') throw strangeLog(path);
}

export function strangeLog(path: string): Error {
  return new Error(
    `${path}-wal is not the log of the store ${path}, but of another one, such as that which stood there before a backup took its place; ` +
      'move the log away, then start again; if it should be the log of this one, save what both hold with livetally salvage',
  );
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
