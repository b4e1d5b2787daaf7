import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Dice } from '../dice.ts';

/** The two files of a store at one instant; the third, shared memory, is made anew from them. */
export type Files = { readonly database: Buffer; readonly log: Buffer };

export function readFiles(path: string): Files {
  const log = `${path}-wal`;
  return { database: readFileSync(path), log: existsSync(log) ? readFileSync(log) : Buffer.alloc(0) };
}

export function writeFiles(path: string, { database, log }: Files): void {
  rmSync(`${path}-shm`, { force: true });
  writeFileSync(path, database);
  writeFileSync(`${path}-wal`, log);
}

const headerBytes = 32;
const frameBytes = 24 + 4096;

/** Ends of the frames of a log that were written in between, and some places within them. */
export function cutsOf(dice: Dice, before: Buffer, after: Buffer): readonly number[] {
  const cuts: number[] = [];
  for (let end = headerBytes; end <= after.length; end += frameBytes) {
    const start = Math.max(0, end - frameBytes);
    if (before.subarray(start, end).equals(after.subarray(start, end))) continue;
    cuts.push(start + dice.below(end - start), end);
  }
  return cuts;
}

/** The log as a disk may have it that has got the new bytes up to the cut; behind it lies what was there, or nothing. */
export function tear(before: Buffer, after: Buffer, cut: number): Buffer {
  return Buffer.concat([after.subarray(0, cut), before.subarray(cut)]);
}
