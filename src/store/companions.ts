import { statSync } from 'node:fs';
import { markOf, pageBytes, readHead } from './file-head.ts';
import { isOfFirstUse } from './write-ahead-log.ts';

/** Of https://www.sqlite.org/fileformat2.html#the_rollback_journal: a journal that counts begins with this byte. */
const journalMark = 0xd9;
const pagesBeforeAt = 16;

/**
 * Whose the log beside a file is: SQLite deletes one whose file is missing or empty, and takes pages out of one of another file
 * for its own. Copies that `backup` or `salvage` have made bear a mark until their first use.
 */
export function ownerOfLog(path: string): 'this' | 'missing' | 'other' {
  if (sizeOf(`${path}-wal`) === 0) return 'this';
  if (sizeOf(path) === 0) return 'missing';
  return markOf(path) !== 'copy' || isOfFirstUse(path) ? 'this' : 'other';
}

/**
 * Whether a process was killed when it had just begun to make the file: the journal beside it says that nothing, or no table,
 * was in it before. Whoever opens it for writing puts it back to that; for reading only it cannot be opened at all.
 */
export function isHalfMade(path: string): boolean {
  const pagesBefore = pagesBeforeJournal(path);
  const isNew = sizeOf(path) <= pageBytes && sizeOf(`${path}-wal`) === 0;
  return isNew && pagesBefore !== undefined && pagesBefore <= 1;
}

/** Throws where what lies beside a file is of another, which SQLite would play into it or delete, and where that cannot be seen. */
export function refuseStrangers(path: string): void {
  look(path, () => refuseSeen(path));
}

/** Whether a file is a copy that nobody has opened for writing since it was made. */
export function isUnusedCopy(path: string): boolean {
  return look(path, () => markOf(path) === 'copy');
}

function look<Result>(path: string, see: () => Result): Result {
  try {
    return see();
  } catch (error) {
    throw error instanceof Error && 'code' in error ? unread(path, error) : error;
  }
}

/** In words for the operator. */
export function unread(path: string, cause: unknown, part = ''): Error {
  const words = cause instanceof Error ? cause.message : String(cause);
  return new Error(
    `the store ${path} could not be read: ${part}${words}; check the disk and the rights, then start again`,
    {
      cause,
    },
  );
}

function refuseSeen(path: string): void {
  const owner = ownerOfLog(path);
  if (owner === 'missing') {
    throw new Error(
      `the store ${path} is missing or empty, and its log ${path}-wal is there: put the file back that belongs to it, ` +
        'or save what can be read with livetally salvage, or move the log away to start with an empty store',
    );
  }
  if (owner === 'other') {
    throw new Error(
      `${path} is a copy that was not used yet, and the log ${path}-wal is of the store that was there before: move the log away, then start again`,
    );
  }
  const isInUse = markOf(path) !== undefined || sizeOf(`${path}-wal`) > 0;
  // A store makes such a journal only while it is made itself.
  if (isInUse && pagesBeforeJournal(path) !== undefined && !isHalfMade(path)) {
    throw new Error(
      `the journal ${path}-journal is not of the store ${path}, but of a file that was there before: move the journal away, then start again`,
    );
  }
}

function pagesBeforeJournal(path: string): number | undefined {
  const head = readHead(`${path}-journal`, pagesBeforeAt + 4);
  return head?.[0] === journalMark ? head.readUInt32BE(pagesBeforeAt) : undefined;
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
