import { closeSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';

/** A page that a commit has written. */
type Frame = {
  readonly at: number;
  readonly page: number;
  /** Pages of the database after the commit that ends here; 0 where it does not. */
  readonly commitPages: number;
  /** By its own checksum, with that of the frame before it as the start. */
  readonly isSound: boolean;
};

type Log = { readonly pageBytes: number; readonly isHeadSound: boolean; readonly frames: readonly Frame[] };

/** Where the log is damaged, and how many commits SQLite would silently leave out for it. */
export type LogDamage = { readonly atByte: number; readonly commits: number };

/** Of https://www.sqlite.org/fileformat2.html#the_write_ahead_log. */
const headBytes = 32;
const frameHeadBytes = 24;
const [littleEndianMagic, bigEndianMagic] = [0x377f0682, 0x377f0683];

/**
 * Looks for damage in the log beside a store. A commit that a crash has torn is none, nor is what an earlier use of the file
 * has left: each commit is on the disk before the next begins, so only frames with a whole commit behind them must be sound.
 */
export function findLogDamage(path: string): LogDamage | undefined {
  const log = readLog(path);
  if (log === undefined) return undefined;
  const { isHeadSound, frames } = log;
  const firstBroken = isHeadSound ? frames.findIndex(({ isSound }) => !isSound) : 0;
  if (firstBroken === -1) return undefined;
  const commits = frames.slice(firstBroken).filter(({ commitPages }) => commitPages > 0).length;
  const isTorn = commits === 0 || (commits === 1 && frames.at(-1)?.commitPages !== 0);
  if (isHeadSound && isTorn) return undefined;
  return commits === 0 ? undefined : { atByte: isHeadSound ? (frames[firstBroken]?.at ?? 0) : 0, commits };
}

/** Writes into a copy of the store what can be used of the log beside it; a page that is damaged there stays as it was. */
export function applyLog(path: string, copyPath: string): void {
  const log = readLog(path);
  if (log === undefined) return;
  const content = readFileSync(`${path}-wal`);
  const last = log.frames.findLastIndex(({ commitPages }) => commitPages > 0);
  const file = openSync(copyPath, 'r+');
  try {
    for (const { at, page, isSound } of log.frames.slice(0, last + 1)) {
      if (isSound) writeSync(file, content, at + frameHeadBytes, log.pageBytes, (page - 1) * log.pageBytes);
    }
  } finally {
    closeSync(file);
  }
}

/** It has 16 MiB unless somebody reads the store for hours; more than this is not looked at. */
const longestLogBytes = 1024 ** 3;

/** Undefined where there is none, or none that was ever in use. */
function readLog(path: string): Log | undefined {
  const logPath = `${path}-wal`;
  const { size = 0 } = statSync(logPath, { throwIfNoEntry: false }) ?? {};
  if (size === 0 || size > longestLogBytes) return undefined;
  const content = readFileSync(logPath);
  if (content.length < headBytes + frameHeadBytes) return undefined;
  const magic = content.readUInt32BE(0);
  const isLittleEndian = magic !== bigEndianMagic;
  const head = checksum(content, 0, 24, [0, 0], isLittleEndian);
  const isMagic = magic === littleEndianMagic || magic === bigEndianMagic;
  const isHeadSound = isMagic && head[0] === content.readUInt32BE(24) && head[1] === content.readUInt32BE(28);
  // All stores of livetally have pages of this size; the head may not be able to tell.
  const pageBytes = isHeadSound ? content.readUInt32BE(8) : 4_096;
  // What the head says, or, where it is damaged, what the frames agree on.
  const saltsAt = isHeadSound ? 16 : headBytes + 8;
  const salts = content.subarray(saltsAt, saltsAt + 8);
  if (salts.every((byte) => byte === 0)) return undefined;
  const frames: Frame[] = [];
  let before: Checksum | undefined = isHeadSound ? head : undefined;
  for (let at = headBytes; at + frameHeadBytes + pageBytes <= content.length; at += frameHeadBytes + pageBytes) {
    const stated: Checksum = [content.readUInt32BE(at + 16), content.readUInt32BE(at + 20)];
    const isOfThisUse = content.subarray(at + 8, at + 16).equals(salts);
    const found =
      before &&
      checksum(
        content,
        at + frameHeadBytes,
        pageBytes,
        checksum(content, at, 8, before, isLittleEndian),
        isLittleEndian,
      );
    const isSound = isOfThisUse && found?.[0] === stated[0] && found[1] === stated[1];
    frames.push({ at, page: content.readUInt32BE(at), commitPages: content.readUInt32BE(at + 4), isSound });
    before = stated;
  }
  const ours = frames.findLastIndex(({ at }) => content.subarray(at + 8, at + 16).equals(salts));
  return { pageBytes, isHeadSound, frames: frames.slice(0, ours + 1) };
}

type Checksum = readonly [number, number];

function checksum(content: Buffer, from: number, length: number, start: Checksum, isLittleEndian: boolean): Checksum {
  let [a, b] = start;
  const view = new DataView(content.buffer, content.byteOffset + from, length);
  for (let at = 0; at < length; at += 8) {
    a = (a + view.getUint32(at, isLittleEndian) + b) >>> 0;
    b = (b + view.getUint32(at + 4, isLittleEndian) + a) >>> 0;
  }
  return [a, b];
}
