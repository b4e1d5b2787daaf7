import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where there is a file system in memory, an fsync costs nothing. */
const memoryFolder = '/dev/shm';

/** A new folder, which is removed with all that is in it. */
export function temporaryFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(existsSync(memoryFolder) ? memoryFolder : tmpdir(), 'livetally-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
