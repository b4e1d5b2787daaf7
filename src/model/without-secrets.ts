/** Pieces below this length stand in any text by chance. */
const shortestPiece = 8;

/**
 * Takes secrets out of what a server said. An error page may quote the request, whole or cut off, and in whatever encoding its
 * author found fitting; so every piece of a secret is taken out, in all those that a header or a query may end up in.
 */
export function createMask(secrets: readonly string[]): (text: string) => string {
  const spellings = [...new Set(secrets.filter((secret) => secret !== '').flatMap(spellingsOf))];
  return (text) => spellings.reduce((left, spelling) => withoutPieces(left, spelling), text);
}

/** Takes out what a header `authorization` holds: the credentials as they are sent, and the password in them. */
export function maskOf(authorization: string | undefined): (text: string) => string {
  const [, scheme = '', credentials = ''] = /^(\S+) (.*)$/s.exec(authorization ?? '') ?? [];
  if (scheme !== 'Basic') return createMask([credentials]);
  const [, password = ''] = /^[^:]*:(.*)$/s.exec(Buffer.from(credentials, 'base64').toString()) ?? [];
  return createMask([credentials, password]);
}

function spellingsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  // Where a secret stands in base64 depends on how many bytes are before it.
  const inBase64 = [0, 1, 2].map((before) => Buffer.concat([Buffer.alloc(before), bytes]).toString('base64'));
  const html = secret
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
  return [
    secret,
    encodeURIComponent(secret),
    new URLSearchParams({ secret }).toString().slice('secret='.length),
    JSON.stringify(secret).slice(1, -1),
    secret.replaceAll('/', '\\/'),
    secret.replace(/[^\w]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`),
    secret.replace(/./gs, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`),
    html,
    html.replaceAll('=', '&#61;'),
    secret.replace(/[^ \w]/gu, (character) => `&#${character.codePointAt(0)};`),
    bytes.toString('hex'),
    bytes.toString('hex').replace(/..(?=.)/g, '$& '),
    ...inBase64,
    ...inBase64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
  ];
}

/** The longest pieces first: each place of the text is looked at once. */
function withoutPieces(text: string, spelling: string): string {
  const [low, wanted] = [inSmallLetters(text), inSmallLetters(spelling)];
  let masked = '';
  for (let at = 0; at < text.length; ) {
    const length = lengthOfPiece(low, at, wanted);
    masked += length === 0 ? text.charAt(at) : '***';
    at += Math.max(1, length);
  }
  return masked;
}

/** Letter by letter: some, such as İ, become two, and everything behind them would stand elsewhere. */
function inSmallLetters(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** How many characters of the text from there on are a piece of the spelling; 0 for too few. */
function lengthOfPiece(text: string, at: number, spelling: string): number {
  const shortest = Math.min(shortestPiece, spelling.length);
  let length = shortest;
  if (at + length > text.length || !spelling.includes(text.slice(at, at + length))) return 0;
  while (at + length < text.length && spelling.includes(text.slice(at, at + length + 1))) length++;
  return length;
}
