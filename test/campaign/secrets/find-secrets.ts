import { constants, inflateRawSync, inflateSync } from 'node:zlib';

/** A planted secret, and where it stands in the open. */
export type Finding = { readonly secret: string; readonly encoding: string; readonly place: string };

export type Planted = { readonly name: string; readonly value: string };

/** What was written or answered, by where it was found. */
export type Scanned = ReadonlyMap<string, Buffer | string>;

/** Shorter pieces of a secret are found by chance. */
const pieceLength = 12;

/**
 * The ways in which a secret travels through headers, queries, JSON, HTML, logs and databases. Base64 is looked for at all three
 * places that a text can have in it.
 */
export const encodings: ReadonlyMap<string, (secret: string) => readonly string[]> = new Map([
  ['raw', (secret) => [secret]],
  ['in part', (secret) => pieces(secret)],
  ['reversed', (secret) => [[...secret].reverse().join('')]],
  ['URL', (secret) => [encodeURIComponent(secret), encodeURIComponent(secret).toLowerCase()]],
  ['form', (secret) => [new URLSearchParams({ secret }).toString().slice('secret='.length)]],
  ['JSON', (secret) => [JSON.stringify(secret).slice(1, -1), JSON.stringify(JSON.stringify(secret)).slice(3, -3)]],
  ['JSON with escaped slashes', (secret) => [secret.replaceAll('/', '\\/')]],
  ['JSON in ASCII', (secret) => [escaped(secret, /[^ -~]|["\\/+=<>&']/g), escaped(secret, /./gs)]],
  [
    'HTML',
    (secret) => [
      secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;').replaceAll('=', '&#61;'),
    ],
  ],
  ['hexadecimal', (secret) => [hex(secret), hex(secret).toUpperCase(), hex(secret).replace(/..(?=.)/g, '$& ')]],
  ['base64', (secret) => base64(secret)],
  ['base64url', (secret) => base64(secret).map((text) => text.replaceAll('+', '-').replaceAll('/', '_'))],
  ['UTF-16', (secret) => [Buffer.from(secret, 'utf16le').toString('latin1')]],
]);

/** Everything in which a secret stands in the open, also inside of what is compressed. */
export function findSecrets(scanned: Scanned, planted: readonly Planted[]): Finding[] {
  const needles = planted.flatMap(({ name, value }) =>
    [...encodings].flatMap(([encoding, encode]) =>
      encode(value).map((needle) => ({ secret: name, encoding, needle: needle.toLowerCase() })),
    ),
  );
  return [...scanned].flatMap(([place, content]) => {
    const bytes = Buffer.from(content);
    const texts = [bytes, ...inflated(bytes)].map((part) => part.toString('latin1').toLowerCase());
    return needles
      .filter(
        ({ needle }) => needle !== '' && texts.some((text) => text.includes(Buffer.from(needle).toString('latin1'))),
      )
      .map(({ secret, encoding }) => ({ secret, encoding, place }));
  });
}

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

function escaped(secret: string, which: RegExp): string {
  return secret.replace(which, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
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
