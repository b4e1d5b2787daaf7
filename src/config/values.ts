import * as z from 'zod';
import { counters, sampleFieldNames, sessionFieldNames, tagNames, windowFieldNames } from '../model/measurement.ts';
import { endpoints } from '../model/target.ts';
import { didYouMean } from './suggestion.ts';

/** The kinds of value that the schema is made of. Each message reads on after the key: `store.keep: needs a unit, such as 14d`. */

/** A rule between the keys of a map. It is checked beside mistakes in single keys, so that all are told at once. */
export function rule(message: string, isKept: (map: object) => boolean) {
  return z.refine<object>(isKept, { error: message, when: ({ value }) => typeof value === 'object' && value !== null });
}

export function isGiven(map: object, key: string): boolean {
  return Reflect.get(map, key) !== undefined;
}

export function isOneGiven(map: object, one: string, other: string): boolean {
  return isGiven(map, one) !== isGiven(map, other);
}

export const text = () => z.string().min(1, 'is empty');

const halfCharacter = 'holds half a character (a lone surrogate)';

/** Goes into a URL or to the file system as it is, or in base64 into a header. */
export const name = () =>
  text()
    .refine((value) => !/\p{Cc}/u.test(value), 'holds a control character')
    .refine((value) => value.isWellFormed(), halfCharacter);

export function wholeNumber({ minimum, maximum }: { readonly minimum: number; readonly maximum: number }) {
  const bounds = `must be a whole number from ${minimum} to ${maximum}`;
  const number = z
    .int({ error: (issue) => (issue.input === undefined ? undefined : bounds) })
    .min(minimum, bounds)
    .max(maximum, bounds);
  // Text of digits is what a variable of the environment leaves.
  return z
    .preprocess((value) => (typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value), number)
    .meta({ or: 'reference' });
}

export const yesOrNo = () =>
  z
    .preprocess(
      (value) => (value === 'true' ? true : value === 'false' ? false : value),
      z.boolean({ error: 'must be true or false' }),
    )
    .meta({ or: 'reference' });

export function choice<const Name extends string>(names: readonly Name[]) {
  const error = (issue: { readonly input?: unknown }) => {
    if (issue.input === undefined) return undefined;
    const meant = typeof issue.input === 'string' ? didYouMean(issue.input, names) : undefined;
    return `must be one of ${names.join(', ')}${meant === undefined ? '' : `; ${meant}`}`;
  };
  return z.enum(names, { error }).meta({ or: 'reference' });
}

/** Result in milliseconds. */
export const duration = (bounds: Bounds) => quantity('duration', durationUnits, '30s, 5m or 14d', bounds);

/** Result in milliseconds; infinity for `forever`. */
export const durationOrForever = (bounds: Bounds) =>
  quantity('duration', durationUnits, '14d, or forever', bounds, new Map([['forever', Number.POSITIVE_INFINITY]]));

/** Result in bytes. */
export const size = (bounds: Bounds) => quantity('size', sizeUnits, '500MB or 10GiB', bounds);

type Bounds = { readonly minimum: string; readonly maximum: string };
type Units = ReadonlyMap<string, number>;

const durationUnits: Units = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);
const sizeUnits: Units = new Map([
  ...['KiB', 'MiB', 'GiB', 'TiB'].map((unit, power) => [unit, 1024 ** (power + 1)] as const),
  ...['kB', 'MB', 'GB', 'TB'].map((unit, power) => [unit, 1000 ** (power + 1)] as const),
]);

function quantity(
  noun: string,
  units: Units,
  examples: string,
  { minimum, maximum }: Bounds,
  words: Units = new Map(),
) {
  const pattern = [`^\\d{1,12}(${[...units.keys()].join('|')})$`, ...words.keys()].join('|');
  const read = (written: string): number | undefined => {
    const [, number, unit] = /^(\d{1,12})([A-Za-z]+)$/.exec(written) ?? [];
    const factor = unit === undefined ? undefined : units.get(unit);
    return number === undefined || factor === undefined ? undefined : Number(number) * factor;
  };
  const unitless = {
    error: (issue: { readonly input?: unknown }) =>
      typeof issue.input === 'number' ? `needs a unit, such as ${examples}` : undefined,
  };
  return z
    .string(unitless)
    .transform((written, context) => {
      const word = words.get(written);
      if (word !== undefined) return word;
      const value = read(written);
      if (value === undefined) context.addIssue(`is no ${noun}: write a whole number and a unit, such as ${examples}`);
      else if (value < (read(minimum) ?? 0)) context.addIssue(`must be at least ${minimum}`);
      else if (value > (read(maximum) ?? 0)) context.addIssue(`must be at most ${maximum}`);
      return value ?? 0;
    })
    .meta({
      pattern: `${pattern}|\\$\\{`,
      title: [`${noun} from ${minimum} to ${maximum}`, ...words.keys()].join(', or '),
    });
}

export const timeZone = () =>
  text().superRefine((name, context) => {
    const flaw = flawOfZone(name);
    if (flaw !== undefined) context.addIssue(flaw);
  });

/** Every entry of a long watchlist may name its zone, and looking for the one that was meant takes a millisecond. */
const zoneFlaws = new Map<string, string | undefined>();
/** More than there are. Behind so many wrong ones nobody looks for what was meant. */
const mostZones = 1_000;

/** Undefined for a zone that the runtime knows. */
function flawOfZone(name: string): string | undefined {
  if (zoneFlaws.has(name)) return zoneFlaws.get(name);
  const isFull = zoneFlaws.size >= mostZones;
  const meant = () => (isFull ? undefined : meantZone(name)) ?? usualRemedy;
  const flaw = isTimeZone(name) ? undefined : `is no time zone; ${meant()}`;
  if (!isFull) zoneFlaws.set(name, flaw);
  return flaw;
}

const usualRemedy = 'write a name of the IANA database, such as Asia/Kolkata or Etc/UTC';

/** Names that the runtime knows, but lists under an older one. */
const usualNames = ['Etc/UTC', 'Asia/Kolkata', 'Asia/Ho_Chi_Minh', 'Asia/Kathmandu', 'Asia/Yangon', 'Europe/Kyiv'];

function meantZone(name: string): string | undefined {
  return didYouMean(name, [...usualNames, ...Intl.supportedValuesOf('timeZone')]);
}

function isTimeZone(name: string): boolean {
  // An offset such as +05:30 is accepted by some runtimes and has no summer time.
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Without a slash at its end. */
export const webAddress = () =>
  text().transform((written, context) => {
    const url = URL.canParse(written) ? new URL(written) : undefined;
    // The parser takes "http:host" and quotes too; what connects does not.
    if (url === undefined || !/^https?:\/\/[^\s"'\\]+$/i.test(written))
      context.addIssue('must be an address such as https://host:8086');
    else if (url.username !== '' || url.password !== '')
      context.addIssue('must not hold a user name or password: they have keys of their own');
    else if (/[?#]/.test(written)) context.addIssue('must end before the ? or #');
    return written.replace(/\/+$/, '');
  });

/** Where the signature travels: in the clear only within this machine. */
export const tencentAddress = () =>
  webAddress().refine((address) => {
    const url = URL.canParse(address) ? new URL(address) : undefined;
    return url?.protocol !== 'http:' || /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  }, 'must begin with https://: the signature would travel in the clear (http:// is for this machine only)');

/** `host:port`; an IPv6 address stands in brackets. */
export const listenAddress = () =>
  text().transform((written, context) => {
    const [, bracketed, plain, port] = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(written) ?? [];
    const host = bracketed ?? plain;
    if (host !== undefined && Number(port) <= 65_535) return { host, port: Number(port) };
    context.addIssue('must be host:port, such as 127.0.0.1:9477 or [::1]:9477');
    return z.NEVER;
  });

/** What goes into line protocol as a tag: some characters have no escape there (control characters), or escape what follows them (a backslash at the end). */
export const tagText = (maximumBytes: number) =>
  text()
    .superRefine((value, context) => {
      if (plainText.test(value) && value.length <= maximumBytes) return;
      const sizeBytes = Buffer.byteLength(value);
      if (sizeBytes > maximumBytes)
        context.addIssue(`is ${sizeBytes} bytes long; at most ${maximumBytes} are possible`);
      if (/\p{Cc}/u.test(value)) context.addIssue('holds a control character, which line protocol cannot carry');
      if (value.endsWith('\\')) context.addIssue('ends in a backslash, which line protocol cannot carry');
      if (!value.isWellFormed()) context.addIssue(halfCharacter);
    })
    .meta({ title: `text of at most ${maximumBytes} bytes` });

/** The most common values pass with one look. */
const plainText = /^[\x20-\x5b\x5d-\x7e]+$/;

const taken: ReadonlySet<string> = new Set([
  ...tagNames,
  ...sampleFieldNames,
  ...windowFieldNames,
  ...sessionFieldNames,
  ...endpoints.flatMap((endpoint) => counters[endpoint].map(({ total }) => total)),
]);

/** A label becomes a tag of this name. InfluxDB keeps `time` and names that begin with `_` to itself. */
export const labelName = () =>
  tagText(64).superRefine((name, context) => {
    if (taken.has(name) || /_(delta|peak|opening)$/.test(name))
      context.addIssue(`a label cannot be called "${name}": livetally writes a tag or field of that name`);
    else if (name === 'time' || name.startsWith('_'))
      context.addIssue(`a label cannot be called "${name}": InfluxDB keeps that name to itself`);
  });

/** What the examples hold where the operator's own secret belongs. */
export const placeholder = 'replace-me';

export const secret = () =>
  name().refine((value) => value !== placeholder, `is still "${placeholder}", the placeholder of the example`);

/** A secret that travels in a header as it is. */
export const headerSecret = () =>
  secret().refine((value) => /^[\x20-\x7e]*$/.test(value), 'holds a character that no HTTP header can carry');
