// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references to variables are what is mutated
import type { Dice } from '../dice.ts';
import { keys } from './tokens.ts';

const durations = [
  '0s',
  '1ms',
  '3499ms',
  '60s',
  '1h',
  '14d',
  '3650d',
  '999999999999d',
  '1.5h',
  '-1s',
  '5 m',
  '1H',
  's',
];
const sizes = ['64MiB', '100TiB', '101TiB', '0GiB', '1gib', '999999999999TiB', '10GiB ', '1e3GiB'];
const crons = [
  ...['* * * * * *', '*/7 * * * * *', '0 0 31 2 *', '0 0 0 29 2 *', '0 0 0 30 2 *', '0 0 * * 7', '@daily', '@reboot'],
  ...[
    '*/0 * * * * *',
    '*/99 * * * * *',
    '1-0 * * * * *',
    '0-59/0 * * * * *',
    '0-99999999999 * * * * *',
    '60 * * * * *',
  ],
  ...['? * * * * ?', '0 0 0 L * *', '0 0 0 ? * 5#2', '0 0 0 1W * *', '* * *', '* * * * * * *', '0,0,0 0 0 * * mon-sun'],
  ...['-1 * * * * *', '1.5 * * * * *', '*/1e9 * * * * *', '\t*/5\n* * * * *', '0 0 2 * mar sun', '0 30 2 29 3 *'],
  ...['* * * * Jan,FEB *', '*,*,* * * * * *', '0/5 * * * * *', '5/5 * * * * *', '0 0 0 1-31/40 * *', '0 0 0 * 13 *'],
];
const zones = [
  ...['Etc/UTC', 'utc', 'UTC', 'GMT', 'EST', 'EST5EDT', 'Asia/Kolkata', 'asia/KOLKATA', 'Europe/Kiev', 'Mars/Olympus'],
  ...[
    '+05:30',
    'Etc/GMT+14',
    'America/Argentina/ComodRivadavia',
    'Pacific/Apia',
    'Antarctica/Troll',
    'Local',
    'SystemV/X',
  ],
];
const addresses = [
  ...[
    'http://localhost:8086',
    'https://h/a/b//',
    'http://[::1]:1/',
    'http://h:99999',
    'http://h:0',
    'https://h?',
    'https://h#',
  ],
  ...[
    'https://h/?',
    'https://h/#',
    'http:/h',
    'http://',
    'https://é.example',
    'https://h/%',
    'https://h/%00',
    'https://h/\\x',
  ],
  ...[
    'https://u:p@h',
    'ftp://h',
    'https://h\n/x',
    ' https://h ',
    'https://h/../..',
    'HTTPS://H',
    'https://1',
    'http://127.1',
  ],
  ...['http://0x7f.1', 'https://h/a b', 'https://h/"', 'https://xn--', 'https://h/v4', '//h', 'https://h:/'],
];
const listens = [
  ...[
    '0.0.0.0:0',
    '[::]:65535',
    ':9477',
    'h:65536',
    '[::1%lo]:1',
    '999.999.999.999:1',
    'h:00001',
    '[::1:1',
    'é:1',
    '*:1',
  ],
  ...['localhost :1', 'a\\b:1', '..:1', '-:1', 'h:１'],
];
const patterns = [
  'rooms/*',
  'rooms/*.{yaml,csv}',
  'rooms/[',
  'rooms/a.yaml',
  '{rooms,rooms}/**',
  'rooms/!(a).*',
  '',
  '.',
  'rooms',
];
const morePatterns = [
  './rooms/../rooms/*',
  'rooms/@(a|b)*',
  'rooms/{1..9}',
  '\\',
  'rooms/?(*).csv',
  'key.txt',
  'livetally.yaml',
];
const paths = [
  'key.txt',
  'no-such',
  '.',
  'rooms',
  '\u0000',
  'key.txt\n',
  'livetally.yaml',
  'x'.repeat(300),
  'rooms/a.yaml/x',
];
const texts = [
  ...[
    '',
    ' ',
    'a',
    'true',
    'null',
    '~',
    '0x10',
    '1e3',
    '.inf',
    '-0',
    '1_000',
    '0o17',
    '2026-11-22',
    'room',
    'x'.repeat(49),
  ],
  ...[
    'é'.repeat(24),
    '房'.repeat(17),
    '\\',
    'a\\',
    'a\\ ',
    'a b',
    'a,b=c',
    '"',
    "'",
    '#',
    '- a',
    'a: b',
    '{',
    '[',
    '&a',
    '*a',
  ],
  ...[
    '\u0000',
    '\n',
    '\r',
    '\t',
    '\u007f',
    '\u0085',
    '\u200b',
    '\u2028',
    '\ud800',
    '\udfff',
    '\u{1F600}',
    '\u202e',
    '\uFEFF',
  ],
  ...[
    '${',
    '${}',
    '${A',
    '$${NUMBER}',
    '${NUMBER}',
    '${NUMBER:-',
    '${NUMBER:-${EMPTY}}',
    '${EMPTY}',
    '${ODD}',
    '$',
    '$$$',
  ],
  ...['${LIVETALLY_SECRET_KEY}', '${INFLUX_TOKEN}', 'x${INFLUX_TOKEN}y', 'replace-me', '__proto__', 'constructor'],
  ...[
    'china',
    'mars',
    'debug',
    'pretty',
    'yes',
    'on',
    'false',
    'get_room_stats',
    'GET',
    'time',
    '_field',
    'room_id',
    'app',
  ],
];

/** Texts that mean something somewhere, right or wrong. */
export function anyText(dice: Dice): string {
  const kinds = [
    durations,
    sizes,
    crons,
    zones,
    addresses,
    listens,
    patterns,
    morePatterns,
    paths,
    texts,
    texts,
    texts,
  ];
  return dice.pickAny(dice.pickAny(kinds) ?? texts) ?? '';
}

const plain = [null, true, false, 0, -1, 1, 60, 1e5, 1e21, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53] as const;

/** A value of any type, up to three levels deep. */
export function anyValue(dice: Dice, depth = 3): unknown {
  const kind = dice.below(depth > 0 ? 8 : 6);
  if (kind < 4) return anyText(dice);
  if (kind < 6) return dice.pick(plain);
  const size = dice.below(4);
  const children = Array.from({ length: size }, () => anyValue(dice, depth - 1));
  return kind === 6 ? children : Object.fromEntries(children.map((child) => [dice.pick(keys), child]));
}
