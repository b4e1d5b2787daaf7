import { statSync } from 'node:fs';
import { bearsMark, readHead } from './file-head.ts';

/** Of https://www.sqlite.org/fileformat2.html#the_rollback_journal: a journal that counts begins with this byte. */
const journalMark = 0xd9;
const [pagesBeforeAt, sectorBytesAt, pageBytesAt] = [16, 20, 24];
/** The number of a page before it, and a checksum behind it. */
const pageMarginBytes = 8;

/**
 * Whether a process was killed when it had just begun to make the file, or to use a store with a log that was made without one:
 * the journal beside it says that nothing, or no table, was in it before, or holds the first page of a store at the most. Whoever
 * opens it for writing puts it back to what it was; for reading only it cannot be opened at all.
 */
export function isHalfMade(path: string): boolean {
  const head = readHead(`${path}-journal`, pageBytesAt + 4);
  if (head === undefined || head[0] !== journalMark) return false;
  const pagesBefore = head.readUInt32BE(pagesBeforeAt);
  if (pagesBefore <= 1) return true;
  const [sectorBytes, pageBytes] = [head.readUInt32BE(sectorBytesAt), head.readUInt32BE(pageBytesAt)];
  const mostBytes = sectorBytes + pageMarginBytes + pageBytes;
  return (
    bearsMark(path) && statSync(path).size === pagesBefore * pageBytes && statSync(`${path}-journal`).size <= mostBytes
  );
}
