import type { Labels } from '../model/target.ts';
import type { Apps } from './apps.ts';
import { type Cadence, ownCadence, type Schedules } from './cadence.ts';
import { checkValue, readUsableParts } from './check-value.ts';
import type { WatchedTarget } from './config.ts';
import { type Findings, formatPlace } from './problem.ts';
import { isMap, type Place } from './source.ts';
import { didYouMean } from './suggestion.ts';
import { type RoomEntryParts, roomEntry, roomEntryParts } from './watchlist-schema.ts';

/** What holds for an entry that does not say otherwise. */
export type Surroundings = {
  /** The app of an entry that names none; undefined after a problem. */
  readonly chooseApp: (entry: Place) => string | undefined;
  readonly labels: Labels;
  readonly cadence: Cadence;
};

export type Watchlist = {
  /** Takes one entry as it is written. */
  add(written: unknown, place: Place, surroundings: Surroundings): void;
  targets(): readonly WatchedTarget[];
};

/** Turns entries into targets: one for the room, one for each receiver in it. */
export function createWatchlist(apps: Apps, schedules: Schedules, findings: Findings): Watchlist {
  const targets: WatchedTarget[] = [];
  const rooms = new Map<string, Place>();
  const shareLabels = createLabelSharing();

  const isNew = (app: string, room: string, place: Place): boolean => {
    const key = `${app}\n${room}`;
    const first = rooms.get(key);
    if (first === undefined) rooms.set(key, place);
    else findings.report(place, `room "${room}" of app "${app}" is listed already, at ${formatPlace(first)}`);
    return first === undefined;
  };

  const appOf = (
    written: object,
    entry: RoomEntryParts,
    place: Place,
    surroundings: Surroundings,
  ): string | undefined => {
    if (!('app' in written)) return surroundings.chooseApp(place);
    if (entry.app === undefined) return undefined;
    return chooseApp(apps, entry.app, { ...place, path: [...place.path, 'app'] }, findings);
  };

  return {
    add(written, place, surroundings) {
      const whole = checkValue(roomEntry, written, place, findings);
      if (!isMap(written)) return;
      const entry: RoomEntryParts = whole ?? readUsableParts(roomEntryParts, written) ?? {};
      const { source, path } = place;
      const at = (key: string): Place => ({ source, path: [...path, key] });
      const app = appOf(written, entry, place, surroundings);
      const cadence = ownCadence(surroundings.cadence, entry.schedule, written['schedule'], at('schedule'));
      if (cadence !== surroundings.cadence) schedules.check(cadence);
      const receivers = distinctReceivers(entry, at('receivers'), findings);
      const { room: roomId } = entry;
      if (app === undefined || roomId === undefined) return;
      if (!isNew(app, roomId, at('room'))) return;
      const labels = shareLabels(surroundings.labels, entry.labels);
      const roomSchedule = schedules.use(app, 'room_stats', cadence);
      if (roomSchedule === undefined) return;
      targets.push({ series: { target: { endpoint: 'room_stats', app, roomId }, labels }, schedule: roomSchedule });
      for (const userId of receivers) {
        const schedule = schedules.use(app, 'gift_count', cadence);
        if (schedule === undefined) return;
        targets.push({ series: { target: { endpoint: 'gift_count', app, roomId, userId }, labels }, schedule });
      }
    },
    targets: () => targets,
  };
}

/** The name of the app that an entry belongs to; undefined after a problem, or where there are no apps to choose from. */
export function chooseApp(apps: Apps, name: string | undefined, place: Place, findings: Findings): string | undefined {
  const [first, ...others] = apps.keys();
  if (name === undefined) {
    if (others.length > 0) findings.report(place, `needs an app: one of ${[...apps.keys()].join(', ')}`);
    return first;
  }
  if (apps.has(name)) return name;
  const remedy = didYouMean(name, apps.keys()) ?? `the apps are ${[...apps.keys()].join(', ')}`;
  if (first !== undefined) findings.report(place, `there is no app "${name}"`, remedy);
  return undefined;
}

function distinctReceivers(
  { receivers = [] }: RoomEntryParts,
  { source, path }: Place,
  findings: Findings,
): readonly string[] {
  if (receivers.length > 1 && new Set(receivers).size < receivers.length) {
    for (const [index, receiver] of receivers.entries()) {
      if (receivers.indexOf(receiver) === index) continue;
      findings.report({ source, path: [...path, index] }, `receiver "${receiver}" is listed twice in this room`);
    }
  }
  return receivers;
}

/** Equal labels become one object, whatever their order. */
function createLabelSharing(): (outer: Labels, own: Labels | undefined) => Labels {
  const shared = new Map<string, Labels>();
  return (outer, own) => {
    if (own === undefined) return outer;
    const sorted = Object.entries({ ...outer, ...own }).sort(([one], [other]) => (one < other ? -1 : 1));
    const key = JSON.stringify(sorted);
    const known = shared.get(key) ?? Object.fromEntries(sorted);
    shared.set(key, known);
    return known;
  };
}
