/** What the terminal shows while the demo runs. Rates are over the last minute, or over the time since the start when that is shorter. */
export type LiveFigures = {
  readonly elapsedMs: number;
  readonly rooms: readonly RoomFigures[];
  readonly endpoints: readonly EndpointFigures[];
  readonly storePath: string;
  readonly storeSizeBytes: number;
  readonly committed: number;
  readonly metricsUrl: string;
};

export type RoomFigures = {
  readonly roomId: string;
  readonly coinsPerMinute: number;
  readonly entriesPerMinute: number;
  readonly gone: boolean;
};

export type EndpointFigures = {
  readonly name: string;
  readonly targets: number;
  readonly requestsPerSecond: number;
  readonly limit: number;
  readonly waiting: number;
  readonly answered: number;
  readonly gone: number;
  readonly failed: number;
  readonly skipped: number;
};

const shownRooms = 12;
const barWidth = 24;

/** The lines of one picture, without escape codes but for colour when `color` is set. */
export function liveTable(figures: LiveFigures, color: boolean): readonly string[] {
  const paint = (code: string, text: string) => (color ? `\u001b[${code}m${text}\u001b[0m` : text);
  const ranked = [...figures.rooms].sort(
    (a, b) => b.coinsPerMinute - a.coinsPerMinute || b.entriesPerMinute - a.entriesPerMinute,
  );
  const most = Math.max(1, ranked[0]?.coinsPerMinute ?? 0);
  const onAir = figures.rooms.filter((room) => !room.gone).length;
  return [
    `${paint('1', 'livetally demo')}  ${formatDuration(figures.elapsedMs)}  ${onAir} of ${figures.rooms.length} rooms exist  ${paint('2', '(Ctrl-C stops)')}`,
    '',
    paint(
      '2',
      `${'room'.padEnd(12)}${'gift coins/min'.padStart(15)}  ${''.padEnd(barWidth)}${'viewer entries/min'.padStart(20)}`,
    ),
    ...ranked.slice(0, shownRooms).map((room) => {
      const bar = '█'.repeat(Math.round((barWidth * room.coinsPerMinute) / most)).padEnd(barWidth);
      return `${room.roomId.padEnd(12)}${formatCount(room.coinsPerMinute).padStart(15)}  ${paint('33', bar)}${formatCount(room.entriesPerMinute).padStart(20)}`;
    }),
    '',
    paint(
      '2',
      `${'endpoint'.padEnd(12)}${columns(['targets', 'requests/s', 'limit/s', 'waiting', 'samples', 'gone', 'failed', 'skipped'])}`,
    ),
    ...figures.endpoints.map((endpoint) => {
      const { targets, requestsPerSecond, limit, waiting, answered, gone, failed, skipped } = endpoint;
      const counts = [targets, requestsPerSecond.toFixed(1), limit, waiting, answered, gone, failed, skipped];
      return `${endpoint.name.padEnd(12)}${columns(counts.map((count) => (typeof count === 'number' ? formatCount(count) : count)))}`;
    }),
    '',
    `store    ${figures.storePath}  ${formatSize(figures.storeSizeBytes)}, ${formatCount(figures.committed)} samples committed`,
    `metrics  ${figures.metricsUrl}`,
  ];
}

/** One line for outputs that are no terminal. */
export function liveLine(figures: LiveFigures): string {
  const top = [...figures.rooms].sort((a, b) => b.coinsPerMinute - a.coinsPerMinute)[0];
  const rates = figures.endpoints.map(
    ({ name, requestsPerSecond, limit, waiting, failed }) =>
      `${name} ${requestsPerSecond.toFixed(1)}/s of ${limit}, ${waiting} waiting, ${failed} failed`,
  );
  const leader =
    top === undefined
      ? ''
      : `; top ${top.roomId} ${formatCount(top.coinsPerMinute)} coins/min, ${formatCount(top.entriesPerMinute)} entries/min`;
  return `${formatDuration(figures.elapsedMs)}  ${formatCount(figures.committed)} samples committed; ${rates.join('; ')}${leader}`;
}

export function formatDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const pad = (value: number) => String(value).padStart(2, '0');
  return `${pad(Math.floor(seconds / 3600))}:${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}`;
}

function columns(texts: readonly string[]): string {
  return texts.map((text) => text.padStart(11)).join('');
}

function formatCount(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

function formatSize(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value.toFixed(unit === 0 ? 0 : 1)} ${units[unit]}`;
}
