import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { extname } from 'node:path';
import { formatSize } from '../model/figures.ts';
import { parseCsv } from './csv-reader.ts';
import type { Findings } from './problem.ts';
import type { Parsed, Source } from './source.ts';
import { createLocator, parseYaml } from './yaml-reader.ts';

/** Reads the configuration itself, which is YAML whatever its name. Undefined after a problem, which is then among the findings. */
export function readMainSource(file: string, findings: Findings): Source | undefined {
  return readSource(file, parseYaml, findings, 'copy config/livetally.example.yaml, or name yours with --config');
}

/** Reads a file of watchlist entries in the format that its name says. */
export function readWatchFile(file: string, findings: Findings): Source | undefined {
  const parse = watchFormats.get(extname(file).toLowerCase());
  if (parse !== undefined) return readSource(file, parse, findings);
  findings.add({
    file,
    key: '',
    message: 'is of no known format',
    remedy: `a name ends in ${[...watchFormats.keys()].join(', ')}`,
  });
  return undefined;
}

const watchFormats: ReadonlyMap<string, (text: string) => Parsed> = new Map([
  ['.yaml', parseYaml],
  ['.yml', parseYaml],
  ['.json', parseJson],
  ['.csv', parseCsv],
]);

/** A few million targets; more text than this is no list of rooms. */
const mostBytes = 256 * 1024 ** 2;
const mostSecretBytes = 64 * 1024;

/** A secret from a file of its own, as Docker and systemd hand them over: without the line ends that editors add. */
export function readSecretFile(
  file: string,
): { status: 'read'; secret: string } | { status: 'refused'; message: string } {
  const text = readText(file, mostSecretBytes);
  if (text.status === 'refused') return text;
  const secret = text.text.replace(/[\r\n]+$/, '');
  if (secret.trim() === '') return { status: 'refused', message: secret === '' ? 'is empty' : 'holds only blanks' };
  const lines = secret.split(/\r\n|\r|\n/).length;
  if (lines > 1) return { status: 'refused', message: `holds ${lines} lines: a secret is one line, and nothing else` };
  return { status: 'read', secret };
}

function readSource(
  file: string,
  parse: (text: string) => Parsed,
  findings: Findings,
  remedyIfMissing?: string,
): Source | undefined {
  const text = readText(file, mostBytes);
  if (text.status === 'refused') {
    const remedy = text.message === isMissing ? remedyIfMissing : undefined;
    findings.add({ file, key: '', message: text.message, ...(remedy !== undefined && { remedy }) });
    return undefined;
  }
  const parsed = parse(text.text);
  if (parsed.status === 'parsed') {
    const hasReferences = parse === parseYaml && text.text.includes('$');
    return { file, value: parsed.value, hasReferences, locate: parsed.locate };
  }
  for (const problem of parsed.problems) findings.add({ file, key: '', ...problem });
  return undefined;
}

type Text =
  | { readonly status: 'read'; readonly text: string }
  | { readonly status: 'refused'; readonly message: string };

function readText(file: string, most: number): Text {
  try {
    const found = statSync(file);
    if (found.isDirectory()) return { status: 'refused', message: 'is a directory, not a file' };
    // A device may have no end, and a pipe nobody who writes to it.
    if (!found.isFile()) return { status: 'refused', message: 'is a device, a pipe or a socket, not a file' };
    const isTooLarge: Text = { status: 'refused', message: `is larger than ${formatSize(most)}` };
    if (found.size > most) return isTooLarge;
    // What the system makes up, as under /proc, has a size of 0 and may have no end either.
    const bytes = readBeginning(file, most + 1);
    if (bytes.length > most) return isTooLarge;
    // The decoder drops a byte order mark.
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text.includes('\0') ? notText : { status: 'read', text };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return notText;
    if (typeof code !== 'string') throw error;
    return { status: 'refused', message: readFaults.get(code) ?? `cannot be read: ${code}` };
  }
}

const chunkBytes = 256 * 1024;

function readBeginning(file: string, most: number): Buffer {
  const descriptor = openSync(file, 'r');
  try {
    const chunks: Buffer[] = [];
    for (let left = most; left > 0; ) {
      const chunk = Buffer.allocUnsafe(Math.min(left, chunkBytes));
      const bytes = readSync(descriptor, chunk);
      if (bytes === 0) break;
      chunks.push(chunk.subarray(0, bytes));
      left -= bytes;
    }
    return Buffer.concat(chunks);
  } finally {
    closeSync(descriptor);
  }
}

const notText: Text = { status: 'refused', message: 'is not a text file in UTF-8' };

/** What is said of a file that is not there. */
export const isMissing = 'does not exist';

const readFaults: ReadonlyMap<string, string> = new Map([
  ['ENOENT', isMissing],
  ['ENOTDIR', isMissing],
  ['EACCES', 'may not be read by this user'],
  ['EPERM', 'may not be read by this user'],
]);

function parseJson(text: string): Parsed {
  try {
    return { status: 'parsed', value: JSON.parse(text), locate: createLocator(text) };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const [, line, column] = /\(line (\d+) column (\d+)\)$/.exec(error.message) ?? [];
    const position = line !== undefined && column !== undefined && { line: Number(line), column: Number(column) };
    return {
      status: 'refused',
      problems: [{ message: `is not valid JSON: ${error.message.replace(/ at position.*$/, '')}`, ...position }],
    };
  }
}
