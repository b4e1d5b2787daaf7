import { escape as escapeLineProtocol } from '@influxdata/influxdb-client';
import type { Point } from '../model/point.ts';

/** `flaw` is why one of the points cannot be written as it is; the lines then are not all. */
export type Lines = { readonly lines: string; readonly flaw: string | undefined };

/** Kept for the next lines, as large as the longest so far have made it. */
let bytes = Buffer.allocUnsafe(256 * 1_024);
/** What UTF-8 makes of a unit of UTF-16, at most. */
const mostBytesPerUnit = 3;

/**
 * A line for each point. Each is bytes at once: as strings, in some forty pieces each, they would all be alive until the
 * last is there, and go from one generation of the heap to the next.
 */
export function toLines(points: Iterable<Point>): Lines {
  let length = 0;
  let flaw: string | undefined;
  for (const point of points) {
    flaw = flawOf(point);
    if (flaw !== undefined) break;
    const line = `${toLine(point)}\n`;
    reserve(length, line.length * mostBytesPerUnit);
    length += bytes.write(line, length);
  }
  return { lines: bytes.toString('utf8', 0, length), flaw };
}

function reserve(length: number, more: number): void {
  if (length + more <= bytes.length) return;
  const larger = Buffer.allocUnsafe(Math.max(2 * bytes.length, length + more));
  bytes.copy(larger, 0, 0, length);
  bytes = larger;
}

/** Every piece is added to the line by itself: to join some before costs more garbage than all else. */
function toLine({ measurement, tags, fields, timeMs }: Point): string {
  let line = textsOf(measurement).escaped;
  for (const tag of tags) {
    if (tag[1] !== '') line += `,${textsOf(tag[0]).escaped}=${escapeLineProtocol.tag(tag[1])}`;
  }
  let isFirst = true;
  for (const field of fields) {
    const { firstKey, nextKey } = textsOf(field[0]);
    line += isFirst ? firstKey : nextKey;
    line += field[1];
    isFirst = false;
  }
  return `${line}i ${timeMs}`;
}

/** What stands in lines for the name of a measurement, tag or field; `nextKey` ends the integer before it. */
type NameTexts = { readonly escaped: string; readonly firstKey: string; readonly nextKey: string };

const knownTexts = new Map<string, NameTexts>();

/** Names are few, and in every line. In a measurement a `=` need not be escaped, but may be. */
function textsOf(name: string): NameTexts {
  let texts = knownTexts.get(name);
  if (texts === undefined) {
    const escaped = escapeLineProtocol.tag(name);
    texts = { escaped, firstKey: ` ${escaped}=`, nextKey: `i,${escaped}=` };
    knownTexts.set(name, texts);
  }
  return texts;
}

/** Why a point cannot be written as it is; line protocol would carry 1.5 or 1e21 as something else. */
function flawOf({ fields, timeMs }: Point): string | undefined {
  for (const field of fields) {
    if (!Number.isSafeInteger(field[1])) return `field ${field[0]} is not a safe integer: ${field[1]}`;
  }
  return Number.isSafeInteger(timeMs) ? undefined : `the time is not a safe integer: ${timeMs}`;
}
