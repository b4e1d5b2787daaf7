import { closeSync, fstatSync, openSync, readSync, statSync, writeSync } from 'node:fs';
import { counted, formatNumber } from '../model/figures.ts';
import { pageBytes as pageBytesOfStores, readHead } from './file-head.ts';

/** A page that a commit has written. */
type Frame = {
  readonly at: number;
  readonly page: number;
  /** Pages of the database after the commit that ends here; 0 where it does not. */
  readonly commitPages: number;
  readonly use: Use;
  /** By its own checksum, with that of the frame before it as the start. */
  readonly isSound: boolean;
  /** With its head; the next frame takes its place. */
  readonly content: Buffer;
};

/** The log is written from its beginning again and again: whether a frame is of this use of the file. */
type Use = 'this' | 'earlier' | 'unknown';

/** Where the log is damaged, and how many commits SQLite would silently leave out for it. */
export type LogDamage = { readonly atByte: number; readonly commits: number };

/** What the log ends in that is not whole, so that SQLite leaves it out: pages that were begun, and their bytes. */
export type TornCommit = { readonly pages: number; readonly bytes: number };

export type LogFindings = {
  readonly damage: LogDamage | undefined;
  readonly torn: TornCommit | undefined;
  /** The first page that should be there, and is neither in the file nor in its log. */
  readonly missingPage: number | undefined;
};

/** Of https://www.sqlite.org/fileformat2.html#the_write_ahead_log. */
const headBytes = 32;
const frameHeadBytes = 24;
const saltsEnd = 16;
/** In the first page of a database. */
const pageCountAt = 28;
const [littleEndianMagic, bigEndianMagic] = [0x377f0682, 0x377f0683];

/**
 * Looks for damage in the log beside a store. A commit that a crash has torn is none, nor is what an earlier use of the file
 * has left: each commit is on the disk before the next begins, so only frames with a whole commit behind them must be sound.
 * Damage to the last commit looks as if a crash had torn it.
 */
export function examineLog(path: string): LogFindings {
  using log = openLog(path);
  if (log === undefined) return { damage: undefined, torn: undefined, missingPage: undefined };
  const filePages = Math.floor((statSync(path, { throwIfNoEntry: false })?.size ?? 0) / log.pageBytes);
  const beyondFile = new Set<number>();
  const begunBeyond: number[] = [];
  let pageCount = 0;
  let brokenAt = log.isHeadSound ? undefined : 0;
  // Up to the last frame that is surely of this use.
  let [commits, endsInCommit] = [0, false];
  let commitsSoFar = 0;
  let wholeEnd = Math.min(headBytes, log.sizeBytes);
  let end = log.isHeadSound ? wholeEnd : log.sizeBytes;
  let isBehindEarlier = false;
  for (const { at, page, commitPages, use, isSound } of log.frames()) {
    const isCommit = commitPages > 0;
    const frameEnd = at + frameHeadBytes + log.pageBytes;
    if (!isSound) brokenAt ??= at;
    if (brokenAt === undefined) {
      if (page > filePages) begunBeyond.push(page);
      if (isCommit) {
        [wholeEnd, pageCount] = [frameEnd, commitPages];
        for (const one of begunBeyond.splice(0)) beyondFile.add(one);
      }
    } else if (isCommit) commitsSoFar++;
    if (use === 'this') [commits, endsInCommit] = [commitsSoFar, isCommit];
    isBehindEarlier = use === 'earlier' || (use === 'unknown' && isBehindEarlier);
    if (!isBehindEarlier) end = frameEnd;
  }
  const missingPage = firstMissing(beyondFile, filePages + 1, pageCount, log.pageBytes);
  const sound: LogFindings = { damage: undefined, torn: undefined, missingPage };
  const isTorn = log.isHeadSound && commits === 1 && endsInCommit;
  if (commits > 0 && !isTorn) return { ...sound, damage: { atByte: brokenAt ?? 0, commits } };
  if (log.endsInPart(isBehindEarlier)) end = log.sizeBytes;
  const bytes = end - (log.isHeadSound ? wholeEnd : 0);
  if (bytes === 0) return sound;
  return { ...sound, torn: { pages: Math.ceil(bytes / (frameHeadBytes + log.pageBytes)), bytes } };
}

/** SQLite locks the byte there, and never writes its page. */
const pendingByte = 2 ** 30;

function firstMissing(pages: ReadonlySet<number>, from: number, to: number, pageBytes: number): number | undefined {
  const pendingPage = pendingByte / pageBytes + 1;
  for (let page = from; page <= to; page++) {
    if (!pages.has(page) && page !== pendingPage) return page;
  }
  return undefined;
}

/** Of the header of a database, what the first use of a copy changes: a count of changes, the mark, and who changed it. */
const changedByFirstUse = [
  [24, 28],
  [68, 72],
  [92, 100],
] as const;

/** Whether a log holds nothing but what the first to use a copy writes first: its first page, with another mark. */
export function isOfFirstUse(path: string): boolean {
  using log = openLog(path);
  if (log === undefined) return true;
  if (log.sizeBytes > headBytes + frameHeadBytes + log.pageBytes) return false;
  for (const { page, content } of log.frames()) {
    const before = readHead(path, log.pageBytes);
    const now = content.subarray(frameHeadBytes);
    for (const [from, to] of changedByFirstUse) before?.copy(now, from, from, to);
    return page === 1 && before?.equals(now) === true;
  }
  // What is not whole does not count.
  return true;
}

/** In words for the operator. */
export function describeTornCommit({ pages, bytes }: TornCommit): string {
  return (
    `the last commit in the log of the store is not whole and is left out (${counted(pages, 'page')}, ${formatNumber(bytes)} bytes): ` +
    'a kill or a power cut leaves it so, or the disk has lost some of it, which livetally verify can show'
  );
}

/** Writes into a copy of the store what can be used of the log beside it; a page that is damaged there stays as it was. */
export function applyLog(path: string, copyPath: string): void {
  using log = openLog(path);
  if (log === undefined) return;
  let [lastCommitAt, commitSoFar] = [-1, -1];
  for (const { at, commitPages, use } of log.frames()) {
    if (commitPages > 0) commitSoFar = at;
    if (use === 'this') lastCommitAt = commitSoFar;
  }
  const file = openSync(copyPath, 'r+');
  try {
    for (const { at, page, isSound, content } of log.frames()) {
      if (at > lastCommitAt) break;
      if (isSound) writeSync(file, content, frameHeadBytes, log.pageBytes, (page - 1) * log.pageBytes);
    }
    // The first page may be an older one than others, and what it does not count cannot be read.
    const pages = Buffer.alloc(4);
    pages.writeUInt32BE(Math.ceil(fstatSync(file).size / log.pageBytes));
    writeSync(file, pages, 0, pages.length, pageCountAt);
  } finally {
    closeSync(file);
  }
}

type OpenLog = Disposable & {
  readonly sizeBytes: number;
  readonly pageBytes: number;
  readonly isHeadSound: boolean;
  /** From the first on, one at a time: a log that somebody reads for hours can have gigabytes. */
  frames(): Generator<Frame>;
  /** Whether the file ends within a frame of this use. */
  endsInPart(isBehindEarlier: boolean): boolean;
};

/** Undefined where there is none, or none that was ever in use. */
function openLog(path: string): OpenLog | undefined {
  const logPath = `${path}-wal`;
  if ((statSync(logPath, { throwIfNoEntry: false })?.size ?? 0) === 0) return undefined;
  const file = openSync(logPath, 'r');
  const { size: sizeBytes } = fstatSync(file);
  const start = Buffer.alloc(headBytes + saltsEnd);
  readSync(file, start, 0, start.length, 0);
  const magic = start.readUInt32BE(0);
  const isLittleEndian = magic !== bigEndianMagic;
  const headSum = checksum(start, 0, 24, [0, 0], isLittleEndian);
  const isMagic = magic === littleEndianMagic || magic === bigEndianMagic;
  const isHeadSound = isMagic && isSame(headSum, statedAt(start, 24));
  // All stores of livetally have pages of this size; the head may not be able to tell.
  const pageBytes = isHeadSound ? start.readUInt32BE(8) : pageBytesOfStores;
  // What the head says, or, where it is damaged, what the first frame does.
  const salts = statedAt(start, isHeadSound ? 16 : headBytes + 8);
  const frameBytes = frameHeadBytes + pageBytes;

  function* frames(): Generator<Frame> {
    const content = Buffer.alloc(frameBytes);
    let before: Pair | undefined = isHeadSound ? headSum : undefined;
    for (let at = headBytes; at + frameBytes <= sizeBytes; at += frameBytes) {
      if (readSync(file, content, 0, frameBytes, at) < frameBytes) return;
      const stated = statedAt(content, 16);
      const use = useOf(statedAt(content, 8), salts);
      const ofHead = before && checksum(content, 0, 8, before, isLittleEndian);
      const found = ofHead && checksum(content, frameHeadBytes, pageBytes, ofHead, isLittleEndian);
      const isSound = use === 'this' && found !== undefined && isSame(found, stated);
      yield { at, page: content.readUInt32BE(0), commitPages: content.readUInt32BE(4), use, isSound, content };
      before = stated;
    }
  }

  function endsInPart(isBehindEarlier: boolean): boolean {
    const bytes = Math.max(0, sizeBytes - headBytes) % frameBytes;
    if (bytes < saltsEnd) return bytes > 0 && !isBehindEarlier;
    const head = Buffer.alloc(saltsEnd);
    readSync(file, head, 0, saltsEnd, sizeBytes - bytes);
    const use = useOf(statedAt(head, 8), salts);
    return use === 'this' || (use === 'unknown' && !isBehindEarlier);
  }

  return { sizeBytes, pageBytes, isHeadSound, frames, endsInPart, [Symbol.dispose]: () => closeSync(file) };
}

/** Two numbers that belong together: a checksum, or the salts that tell the uses of a file apart. */
type Pair = readonly [number, number];

function statedAt(content: Buffer, at: number): Pair {
  return [content.readUInt32BE(at), content.readUInt32BE(at + 4)];
}

function isSame(a: Pair, b: Pair): boolean {
  return a[0] === b[0] && a[1] === b[1];
}

/** Between two of them lie some megabytes. */
const mostUses = 2 ** 24;

/** Each use counts the first salt up and draws the second; anything else was not written so. */
function useOf(found: Pair, salts: Pair): Use {
  if (isSame(found, salts)) return 'this';
  const usesAgo = (salts[0] - found[0]) >>> 0;
  const isEarlier = found[1] !== salts[1] && usesAgo > 0 && usesAgo < mostUses && !isSame(found, [0, 0]);
  return isEarlier ? 'earlier' : 'unknown';
}

function checksum(content: Buffer, from: number, length: number, start: Pair, isLittleEndian: boolean): Pair {
  let [a, b] = start;
  const view = new DataView(content.buffer, content.byteOffset + from, length);
  for (let at = 0; at < length; at += 8) {
    a = (a + view.getUint32(at, isLittleEndian) + b) >>> 0;
    b = (b + view.getUint32(at + 4, isLittleEndian) + a) >>> 0;
  }
  return [a, b];
}
