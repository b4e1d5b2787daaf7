import { closeSync, openSync, readSync } from 'node:fs';

/** Of https://www.sqlite.org/fileformat2.html#the_rollback_journal: a journal that counts begins with this byte. */
const journalMark = 0xd9;
const pagesBeforeAt = 16;

/**
 * Whether a process was killed when it had just begun to make the file: the journal beside it says that nothing, or no table,
 * was in it before. Whoever opens it for writing puts it back to that; for reading only it cannot be opened at all.
 */
export function isHalfMade(path: string): boolean {
  const head = readHead(`${path}-journal`, pagesBeforeAt + 4);
  return head !== undefined && head[0] === journalMark && head.readUInt32BE(pagesBeforeAt) <= 1;
}

/** The first bytes of a file; undefined where it is not there, or shorter. */
function readHead(path: string, bytes: number): Buffer | undefined {
  const head = Buffer.alloc(bytes);
  try {
    const file = openSync(path, 'r');
    try {
      return readSync(file, head, 0, bytes, 0) === bytes ? head : undefined;
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
}
