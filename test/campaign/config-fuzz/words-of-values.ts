// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references to variables are what is mutated

/** Values of each kind, some right, most almost. */

export const durations = [
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
export const sizes = ['64MiB', '100TiB', '101TiB', '0GiB', '1gib', '999999999999TiB', '10GiB ', '1e3GiB'];
export const crons = [
  ...['* * * * * *', '*/7 * * * * *', '0 0 31 2 *', '0 0 0 29 2 *', '0 0 0 30 2 *', '0 0 * * 7', '@daily', '@reboot'],
  ...[
    '*/0 * * * * *',
    '*/99 * * * * *',
    '1-0 * * * * *',
    '1-decdecdecdecdec * * * * *',
    '0 0 0 * 1-decdecdec *',
    '0-59/0 * * * * *',
    '0-99999999999 * * * * *',
    '60 * * * * *',
  ],
  ...['? * * * * ?', '0 0 0 L * *', '0 0 0 ? * 5#2', '0 0 0 1W * *', '* * *', '* * * * * * *', '0,0,0 0 0 * * mon-sun'],
  ...['-1 * * * * *', '1.5 * * * * *', '*/1e9 * * * * *', '\t*/5\n* * * * *', '0 0 2 * mar sun', '0 30 2 29 3 *'],
  ...['* * * * Jan,FEB *', '*,*,* * * * * *', '0/5 * * * * *', '5/5 * * * * *', '0 0 0 1-31/40 * *', '0 0 0 * 13 *'],
];
export const zones = [
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
export const addresses = [
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
export const calls = [
  ...[
    'https://u:p@h/ping',
    'https://u@h',
    'http://h/?key=1&k=2',
    'https://h/#part',
    'HTTP://[::1]:1/x',
    'mailto:a@b.example',
  ],
  ...['https://h/\u2028', 'https://h/$x', 'https://h/${WATCH_TOKEN}', 'https://h:25/', 'https://h/"\\', 'data:,x'],
];
export const recipients = [
  'ops@example.com',
  'a@b@c',
  '@',
  'a@',
  '@b',
  'a b@c',
  'a;b@c',
  '<a@b>',
  'é@ü',
  'a@b\n',
  '$a@b',
  '"a"@b',
];
export const factors = [
  '1.5',
  '1.49',
  '100',
  '100.1',
  '3',
  '03',
  '3.',
  '.5',
  '3e0',
  '-3',
  '1e999',
  '3,5',
  '50',
  '101',
  '0',
  '1000000001',
];
export const listens = [
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
