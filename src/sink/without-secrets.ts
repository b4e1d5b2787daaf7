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

function spellingsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  // Where a secret stands in base64 depends on how many bytes are before it.
  const inBase64 = [0, 1, 2].map((before) => Buffer.concat([Buffer.alloc(before), bytes]).toString('base64'));
  return [
    secret,
    encodeURIComponent(secret),
    new URLSearchParams({ secret }).toString().slice('secret='.length),
    JSON.stringify(secret).slice(1, -1),
    secret.replaceAll('/', '\\/'),
    secret.replace(/[^\w]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`),
    secret.replace(/./gs, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`),
    secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
    bytes.toString('hex'),
    bytes.toString('hex').replace(/..(?=.)/g, '$& '),
    ...inBase64,
    ...inBase64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
  ];
}

/** The longest pieces first: each place of the text is looked at once. */
function withoutPieces(text: string, spelling: string): string {
  const [low, wanted] = [text.toLowerCase(), spelling.toLowerCase()];
  let masked = '';
  for (let at = 0; at < text.length; ) {
    const length = lengthOfPiece(low, at, wanted);
    masked += length === 0 ? text.charAt(at) : '***';
    at += Math.max(1, length);
  }
  return masked;
}

/** How many characters of the text from there on are a piece of the spelling; 0 for too few. */
function lengthOfPiece(text: string, at: number, spelling: string): number {
  const shortest = Math.min(shortestPiece, spelling.length);
  let length = shortest;
  if (at + length > text.length || !spelling.includes(text.slice(at, at + length))) return 0;
  while (at + length < text.length && spelling.includes(text.slice(at, at + length + 1))) length++;
  return length;
}
