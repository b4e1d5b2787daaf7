import { existsSync, linkSync, statSync, unlinkSync } from 'node:fs';
import { findDamage } from './damage.ts';
import { busyMs, copyDatabase, openDatabase } from './database.ts';
import { explain, finishCopy } from './open-file.ts';
import { openBesides } from './open-for-reading.ts';

/** Told while it goes on: pages that are still to be copied. */
export type Progress = (remainingPages: number, totalPages: number) => void;

/**
 * Copies a store as it is at one instant, beside the process that writes to it, and reads the copy through. The file has its
 * name when it is whole, and not before. Throws where something is there already. Returns its size in bytes.
 */
export async function backUp(path: string, copyPath: string, progress: Progress): Promise<number> {
  const partPath = `${copyPath}.part`;
  for (const taken of [copyPath, `${copyPath}-wal`, `${copyPath}-journal`]) {
    if (existsSync(taken)) throw new Error(`${taken} is there already; a backup never takes the place of a file`);
  }
  if (existsSync(partPath)) {
    throw new Error(`${partPath} is there already, of a backup that runs or was broken off; delete it if none runs`);
  }
  using database = openBesides(path, { anyVersion: true });
  try {
    await copyDatabase(database, partPath, progress);
    makeWhole(partPath);
    const [damage] = findDamage(partPath);
    if (damage !== undefined)
      throw new Error(`the store ${path} is damaged: ${damage}; livetally salvage saves what can be read`);
    // Unlike renaming, it fails where somebody else has made the file meanwhile.
    linkSync(partPath, copyPath);
  } catch (error) {
    throw explain(error, path);
  } finally {
    for (const left of [partPath, `${partPath}-wal`, `${partPath}-shm`, `${partPath}-journal`]) {
      if (existsSync(left)) unlinkSync(left);
    }
  }
  return statSync(copyPath).size;
}

/** What the copying has left in a log of its own goes into the file. */
function makeWhole(path: string): void {
  using database = openDatabase(path, busyMs);
  finishCopy(database);
}
