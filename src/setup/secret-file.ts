import { constants } from 'node:fs';
import { access, chmod, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { SecretPlace } from './item.ts';

/** A file that holds a token or password and nothing else. `mode` is 0o600, or 0o640 for a group that reads it. */
export async function openSecretFile(path: string, mode: number): Promise<SecretPlace> {
  return {
    present: await readIfThere(path),
    name: `the file ${path}`,
    isFile: true,
    put: async (secret) => {
      await mkdir(dirname(path), { recursive: true });
      const fresh = `${path}.new`;
      await writeFile(fresh, `${secret}\n`, { mode });
      // The mode of a file that is there already, and of one under a umask, is another.
      await chmod(fresh, mode);
      await rename(fresh, path);
    },
  };
}

/** Why a file cannot be written there; looks only. */
export async function whyNotWritable(path: string): Promise<string | undefined> {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    try {
      // With the dot, so that a file in the place of the folder is told.
      await access(`${folder}/.`, constants.W_OK);
      return undefined;
    } catch (error) {
      const code = codeOf(error);
      if (code !== 'ENOENT' || folder === dirname(folder)) return `the folder ${folder} cannot be written to (${code})`;
    }
  }
}

const mostBytes = 64 * 1024;

async function readIfThere(path: string): Promise<string> {
  try {
    const found = await stat(path);
    // A device may have no end, and what is written would take its place.
    if (!found.isFile()) throw new Error('it is not an ordinary file');
    if (found.size > mostBytes) throw new Error('it is too long to be a token or password');
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return '';
    throw new Error(`${path} cannot be read`, { cause: error });
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
