import { closeSync, openSync, readSync } from 'node:fs';
import { applicationId } from './schema.ts';

const applicationIdAt = 68;

/** Whether a file has the mark of a store, though it may be no database any more. */
export function bearsMark(path: string): boolean {
  return readHead(path, applicationIdAt + 4)?.readInt32BE(applicationIdAt) === applicationId;
}

/** The first bytes of a file; undefined where it is not there, cannot be read, or is shorter. */
export function readHead(path: string, bytes: number): Buffer | undefined {
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
