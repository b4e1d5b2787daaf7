import { bearsMark, readHead } from './file-head.ts';

/** Of https://www.sqlite.org/fileformat2.html#the_rollback_journal: a journal that counts begins with this byte. */
const journalMark = 0xd9;
const pagesBeforeAt = 16;

/**
 * Whether a process was killed when it had just begun to make the file, or to use a store with a log that was made without one:
 * the journal beside it says that nothing, or no table, was in it before, or it bears the mark of a store. Whoever opens it for
 * writing puts it back to what it was; for reading only it cannot be opened at all.
 */
export function isHalfMade(path: string): boolean {
  const head = readHead(`${path}-journal`, pagesBeforeAt + 4);
  if (head === undefined || head[0] !== journalMark) return false;
  return head.readUInt32BE(pagesBeforeAt) <= 1 || bearsMark(path);
}
