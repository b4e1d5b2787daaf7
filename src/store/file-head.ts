import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { applicationId, copyId } from './schema.ts';

/** Of every store of livetally. */
export const pageBytes = 4_096;
const applicationIdAt = 68;

/** What a file says that it is, though it may be no database any more; what its log says is not asked for. Throws where it cannot be read. */
export function markOf(path: string): 'store' | 'copy' | undefined {
  const mark = readHead(path, applicationIdAt + 4)?.readInt32BE(applicationIdAt);
  if (mark === applicationId) return 'store';
  return mark === copyId ? 'copy' : undefined;
}

/** The first bytes of a file; undefined where it is no file, or shorter. Throws where it cannot be read. */
export function readHead(path: string, bytes: number): Buffer | undefined {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return undefined;
  const head = Buffer.alloc(bytes);
  const file = openSync(path, 'r');
  try {
    return readSync(file, head, 0, bytes, 0) === bytes ? head : undefined;
  } finally {
    closeSync(file);
  }
}
