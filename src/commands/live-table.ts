import { counted, formatNumber, formatSize } from '../model/figures.ts';
import { type EndpointFigures, endpointTable } from './live-endpoints.ts';
import { type Line, type Screen, toText } from './screen.ts';

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

const mostRooms = 12;
const longestBar = 24;

/** The lines of one picture, none longer than the screen and, but for the smallest, not more than it has rows. */
export function liveTable(figures: LiveFigures, screen: Screen): readonly string[] {
  const lines: readonly Line[] = [
    titleLine(figures, screen.width),
    [],
    ...roomTable(figures, screen),
    [],
    ...endpointTable(figures.endpoints, screen.width),
    [],
    [{ text: storeLine(figures, screen.width) }],
    [{ text: `metrics  ${figures.metricsUrl}` }],
  ];
  return lines.map((line) => toText(line, screen));
}

function titleLine({ elapsedMs, rooms }: LiveFigures, width: number): Line {
  const onAir = rooms.filter((room) => !room.gone).length;
  const parts = (exist: string): Line => [
    { text: 'livetally demo', paint: 'bold' },
    { text: `  ${formatDuration(elapsedMs)}  ${onAir} of ${counted(rooms.length, 'room')}${exist}  ` },
    { text: '(Ctrl-C stops)', paint: 'dim' },
  ];
  const whole = parts(' exist');
  return lengthOf(whole) <= width ? whole : parts('');
}

function roomTable({ rooms, endpoints }: LiveFigures, { width, height }: Screen): readonly Line[] {
  const ranked = [...rooms].sort(
    (a, b) => b.coinsPerMinute - a.coinsPerMinute || b.entriesPerMinute - a.entriesPerMinute,
  );
  const most = Math.max(1, ranked[0]?.coinsPerMinute ?? 0);
  // Beside the rooms there are eight lines, one for each endpoint, and the one in which the cursor waits.
  const shown = ranked.slice(0, Math.max(1, Math.min(mostRooms, height - 9 - endpoints.length)));
  const barWidth = Math.max(0, Math.min(longestBar, width - 49));
  const row = (room: string, coins: string, bar: string, entries: string): Line => [
    { text: `${room.padEnd(12)}${coins.padStart(15)}  ` },
    { text: bar.padEnd(barWidth), paint: 'yellow' },
    { text: entries.padStart(20) },
  ];
  const title = row('room', 'gift coins/min', '', 'viewer entries/min').map(({ text }) => text);
  return [
    [{ text: title.join(''), paint: 'dim' }],
    ...shown.map(({ roomId, coinsPerMinute, entriesPerMinute }) => {
      const bar = '█'.repeat(Math.round((barWidth * coinsPerMinute) / most));
      return row(roomId, formatCount(coinsPerMinute), bar, formatCount(entriesPerMinute));
    }),
  ];
}

/** A long path loses its beginning: the end is what tells files apart. */
function storeLine({ storePath, storeSizeBytes, committed }: LiveFigures, width: number): string {
  const [before, behind] = ['store    ', `  ${formatSize(storeSizeBytes)}, ${counted(committed, 'sample')} committed`];
  const room = Math.max(8, width - before.length - behind.length);
  const path = storePath.length <= room ? storePath : `…${storePath.slice(1 - room)}`;
  return before + path + behind;
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
  return `${formatDuration(figures.elapsedMs)}  ${counted(figures.committed, 'sample')} committed; ${rates.join('; ')}${leader}`;
}

export function formatDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const pad = (value: number) => String(value).padStart(2, '0');
  return `${pad(Math.floor(seconds / 3600))}:${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}`;
}

function lengthOf(line: Line): number {
  return line.reduce((length, { text }) => length + text.length, 0);
}

function formatCount(count: number): string {
  return formatNumber(Math.round(count));
}
