import { constants, inflateRawSync, inflateSync } from 'node:zlib';

/** A planted secret, and where it stands in the open. */
export type Finding = { readonly secret: string; readonly encoding: string; readonly place: string };

export type Encode = (secret: string) => readonly (string | Buffer)[];

export type Planted = { readonly name: string; readonly value: string };

/** What was written or answered, by where it was found. */
export type Scanned = ReadonlyMap<string, Buffer | string>;

/** Shorter pieces of a secret are found by chance. */
const pieceLength = 12;

/**
 * The ways in which a secret travels through headers, queries, JSON, HTML, logs and databases; text stands for its bytes in UTF-8.
 * Base64 is looked for at all three places that a text can have in it.
 */
export const encodings: ReadonlyMap<string, Encode> = new Map<string, Encode>([
  ['raw', (secret) => [secret]],
  ['in part', (secret) => pieces(secret)],
  ['reversed', (secret) => [[...secret].reverse().join('')]],
  ['URL', (secret) => [encodeURIComponent(secret)]],
  ['form', (secret) => [new URLSearchParams({ secret }).toString().slice('secret='.length)]],
  ['JSON', (secret) => [json(secret), JSON.stringify(JSON.stringify(secret)).slice(3, -3)]],
  ['JSON with escaped slashes', (secret) => [json(secret).replaceAll('/', '\\/')]],
  ['JSON in ASCII', (secret) => [json(secret), secret].flatMap((text) => odd.map((which) => escaped(text, which)))],
  ['HTML', (secret) => [html(secret), html(secret).replaceAll('=', '&#61;'), numbered(secret)]],
  ['hexadecimal', (secret) => [hex(secret), hex(secret).replace(/..(?=.)/g, '$& ')]],
  ['base64', (secret) => base64(secret)],
  ['base64url', (secret) => base64(secret).map((text) => text.replaceAll('+', '-').replaceAll('/', '_'))],
  ['Latin-1', (secret) => [Buffer.from(secret, 'latin1')]],
  ['UTF-16', (secret) => [Buffer.from(secret, 'utf16le')]],
]);

/** Everything in which a secret stands in the open, in letters of whatever case, also inside of what is compressed. */
export function findSecrets(scanned: Scanned, planted: readonly Planted[]): Finding[] {
  const needles = planted.flatMap(({ name, value }) =>
    [...encodings].flatMap(([encoding, encode]) =>
      encode(value).map((needle) => ({ secret: name, encoding, needle: inSmallLetters(bytesOf(needle)) })),
    ),
  );
  const search = createSearch(needles);
  return [...scanned].flatMap(([place, content]) => {
    const bytes = bytesOf(content);
    const found = new Map<string, Finding>();
    for (const part of [bytes, ...inflated(bytes)]) {
      for (const { secret, encoding } of search(inSmallLetters(part))) {
        found.set(`${secret} ${encoding}`, { secret, encoding, place });
      }
    }
    return [...found.values()];
  });
}

export function bytesOf(text: string | Buffer): Buffer {
  return typeof text === 'string' ? Buffer.from(text) : text;
}

/** Those of ASCII only, so that bytes which are no text stay what they are. */
function inSmallLetters(bytes: Buffer): Buffer {
  return Buffer.from(bytes.map((byte) => (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte)));
}

type Needle = { readonly secret: string; readonly encoding: string; readonly needle: Buffer };

/** Thousands of needles, each with its own signature in it, at the price of one: by their first four bytes. */
function createSearch(needles: readonly Needle[]): (text: Buffer) => readonly Needle[] {
  const byBeginning = Map.groupBy(
    needles.filter(({ needle }) => needle.length >= beginningBytes),
    ({ needle }) => needle.readUInt32LE(0),
  );
  return (text) => {
    const found = new Set<Needle>();
    for (let at = 0; at + beginningBytes <= text.length; at++) {
      for (const candidate of byBeginning.get(text.readUInt32LE(at)) ?? []) {
        const end = at + candidate.needle.length;
        if (text.subarray(at, end).equals(candidate.needle)) found.add(candidate);
      }
    }
    return [...found];
  };
}

const beginningBytes = 4;

/** Without a name or other extras in it. */
const gzipHeaderBytes = 10;

/** What gzip and zlib streams in the bytes hold; a chance likeness of their first bytes holds nothing. */
function inflated(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at + 2 < bytes.length; at++) {
    const isGzip = bytes[at] === 0x1f && bytes[at + 1] === 0x8b;
    const isZlib = bytes[at] === 0x78 && bytes.readUInt16BE(at) % 31 === 0;
    if (!isGzip && !isZlib) continue;
    try {
      const options = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 10_000_000 };
      found.push(
        isGzip
          ? inflateRawSync(bytes.subarray(at + gzipHeaderBytes), options)
          : inflateSync(bytes.subarray(at), options),
      );
    } catch {
      // Not a stream after all.
    }
  }
  return found;
}

function pieces(secret: string): readonly string[] {
  const starts = [0, Math.floor((secret.length - pieceLength) / 2), secret.length - pieceLength];
  return starts.filter((start) => start >= 0).map((start) => secret.slice(start, start + pieceLength));
}

/** What writers of JSON in ASCII put as a number: what they must, what might mean something in HTML, or all. */
const odd: readonly RegExp[] = [/[^ -~]/g, /[^ -~]|["\\/+=<>&']/g, /./gs];

function json(secret: string): string {
  return JSON.stringify(secret).slice(1, -1);
}

function escaped(secret: string, which: RegExp): string {
  return secret.replace(which, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function html(secret: string): string {
  return secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** Every character that has a meaning, or is not in ASCII, by its number. */
function numbered(secret: string): string {
  return secret.replace(/[^ \w]/gu, (character) => `&#${character.codePointAt(0)};`);
}

function hex(secret: string): string {
  return Buffer.from(secret).toString('hex');
}

/** The part that does not depend on what stands around the secret, for each of the three places. */
function base64(secret: string): readonly string[] {
  return [0, 1, 2].map((before) => {
    const text = Buffer.from('\0'.repeat(before) + secret)
      .toString('base64')
      .replace(/=+$/, '');
    return text.slice(before === 0 ? 0 : 4, -2);
  });
}
