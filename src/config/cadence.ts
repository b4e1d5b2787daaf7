import type { Schedule } from '../model/round.ts';
import type { Endpoint } from '../model/target.ts';
import type { PlannedSchedule, ReadCron } from './config.ts';
import type { Findings } from './problem.ts';
import { isMap, type Place } from './source.ts';
import type { DefaultSchedule, RoomEntryParts } from './watchlist-schema.ts';

/** When the targets of an entry are polled, and where that is written. */
export type Cadence = Readonly<Record<Endpoint, { readonly cron: string; readonly place: Place }>> & {
  readonly timezone: string;
};

export function defaultCadence(schedule: DefaultSchedule, written: unknown, place: Place): Cadence {
  return {
    room_stats: { cron: schedule.rooms, place: placeOf('rooms', written, place) },
    gift_count: { cron: schedule.gifts, place: placeOf('gifts', written, place) },
    timezone: schedule.timezone,
  };
}

/** The cadence of an entry: its own where it has one, else that of its surroundings. */
export function ownCadence(base: Cadence, own: RoomEntryParts['schedule'], written: unknown, place: Place): Cadence {
  if (own === undefined) return base;
  const { rooms, gifts, timezone } = own;
  return {
    room_stats: rooms === undefined ? base.room_stats : { cron: rooms, place: placeOf('rooms', written, place) },
    gift_count: gifts === undefined ? base.gift_count : { cron: gifts, place: placeOf('gifts', written, place) },
    timezone: timezone ?? base.timezone,
  };
}

/** One expression for both is written as `schedule: "..."`, without keys below. */
function placeOf(key: string, written: unknown, { source, path }: Place): Place {
  return isMap(written) ? { source, path: [...path, key] } : { source, path };
}

/** A schedule as the watchlist uses it, and where its expression is written. */
export type UsedSchedule = PlannedSchedule & { readonly place: Place };

export type Schedules = {
  /** Reports an expression that cannot be read, used or not. */
  check(cadence: Cadence): void;
  /** The one object for this app, endpoint, expression and time zone, for one target more. Undefined after a problem. */
  use(app: string, endpoint: Endpoint, cadence: Cadence): Schedule | undefined;
  used(): readonly UsedSchedule[];
};

export function createSchedules(readCron: ReadCron, findings: Findings): Schedules {
  const readings = new Map<string, ReturnType<ReadCron>>();
  const used = new Map<string, { readonly planned: Omit<UsedSchedule, 'targets'>; targets: number }>();

  const intervalOf = (endpoint: Endpoint, cadence: Cadence): number | undefined => {
    const { cron, place } = cadence[endpoint];
    const key = `${cron}\n${cadence.timezone}`;
    const reading = readings.get(key) ?? readCron(cron, cadence.timezone);
    readings.set(key, reading);
    if (reading.status === 'read') return reading.intervalMs;
    findings.report(place, reading.problem);
    return undefined;
  };
  return {
    check: (cadence) => {
      intervalOf('room_stats', cadence);
      intervalOf('gift_count', cadence);
    },
    use: (app, endpoint, cadence) => {
      const { cron, place } = cadence[endpoint];
      const key = `${app}\n${endpoint}\n${cron}\n${cadence.timezone}`;
      const known = used.get(key);
      if (known !== undefined) {
        known.targets++;
        return known.planned.schedule;
      }
      const intervalMs = intervalOf(endpoint, cadence);
      if (intervalMs === undefined) return undefined;
      const schedule = { app, endpoint, cron, timezone: cadence.timezone };
      used.set(key, { planned: { schedule, intervalMs, place }, targets: 1 });
      return schedule;
    },
    used: () => [...used.values()].map(({ planned, targets }) => ({ ...planned, targets })),
  };
}
