import { closeSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { pageBytes } from './file-head.ts';
import { openFile } from './open-file.ts';

/** Of https://www.sqlite.org/fileformat2.html: where the first page has its count of pages, and its part of the tree of the schema. */
const pageCountAt = 28;
const treeAt = 100;
const innerPage = 5;

/**
 * Puts the schema of a new store in the place of that of a copy. It says where the tables begin: at the beginning of the file
 * and in the order in which they were made, in every store that is vacuumed by the page.
 */
export function replaceHead(copyPath: string): void {
  const freshPath = `${copyPath}.fresh`;
  try {
    openFile(freshPath).close();
    const fresh = readFileSync(freshPath);
    const head = Buffer.from(fresh.subarray(0, pageBytes));
    let pages = Math.ceil(statSync(copyPath).size / pageBytes);
    const file = openSync(copyPath, 'r+');
    try {
      // The rest of the schema goes to the end of the file: where it was, there may be something else.
      for (const at of childPointers(head)) {
        const child = head.readUInt32BE(at);
        writeSync(file, fresh, (child - 1) * pageBytes, pageBytes, pages * pageBytes);
        pages++;
        head.writeUInt32BE(pages, at);
      }
      head.writeUInt32BE(pages, pageCountAt);
      writeSync(file, head, 0, pageBytes, 0);
    } finally {
      closeSync(file);
    }
  } finally {
    for (const end of ['', '-wal', '-shm']) rmSync(`${freshPath}${end}`, { force: true });
  }
}

/** Where the first page names the pages that the rest of the schema is on. */
function childPointers(head: Buffer): readonly number[] {
  if (head[treeAt] !== innerPage) return [];
  const cells = head.readUInt16BE(treeAt + 3);
  const places = Array.from({ length: cells }, (_, index) => head.readUInt16BE(treeAt + 12 + 2 * index));
  return [...places, treeAt + 8];
}
