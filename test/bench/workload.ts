/** What every collector of a run polls: rooms `room-0001` and on, and receivers `user-0001` and on, dealt to the rooms in turn. */
export type Workload = {
  readonly rooms: number;
  readonly receivers: number;
  /** Seconds between two polls of a target; divides a minute, or is whole minutes that divide an hour. */
  readonly intervalSeconds: number;
};

/** What every collector is told: what to poll, where, and where to write. */
export type CollectorSettings = {
  readonly workload: Workload;
  readonly simulatorUrl: string;
  readonly influxdb: { readonly url: string; readonly org: string; readonly token: string; readonly bucket: string };
};

/** The account that the simulator knows. */
export const account = {
  sdkAppId: 1_400_000_000,
  identifier: 'administrator',
  secretKey: '5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e',
} as const;

type WatchedRoom = { readonly room: string; readonly receivers: readonly string[] };

/** As a watchlist file of livetally may hold it. */
export function watchlistOf({ rooms, receivers }: Pick<Workload, 'rooms' | 'receivers'>): readonly WatchedRoom[] {
  return Array.from({ length: rooms }, (_, index) => {
    const count = Math.max(0, Math.ceil((receivers - index) / rooms));
    return {
      room: nameOf('room', index),
      receivers: Array.from({ length: count }, (_, place) => nameOf('user', place * rooms + index)),
    };
  });
}

/** With seconds, as livetally and node-cron read it. */
export function cronOf({ intervalSeconds }: Workload): string {
  return intervalSeconds < 60 ? `*/${intervalSeconds} * * * * *` : `0 */${intervalSeconds / 60} * * * *`;
}

function nameOf(kind: 'room' | 'user', index: number): string {
  return `${kind}-${String(index + 1).padStart(4, '0')}`;
}
