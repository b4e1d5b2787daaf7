import type { Endpoint } from '../../../src/model/target.ts';
import type { Fault } from '../../../src/simulator/fault.ts';
import type { Without } from './troubles.ts';

/** What goes wrong with a single room, or with its receiver alone. */
export type Spot = { readonly room: string; readonly fault: Without<Fault, 'sdkAppId' | 'room'> };

/** The app that has good and bad rooms side by side. */
export const spottedApp = 'spotted';
/** Behind those of the other apps, so that a sample tells by its room that it is of this app. */
const firstRoom = 21;
export const spottedRooms: readonly string[] = Array.from({ length: 20 }, (_, index) => nameOf(firstRoom + index));

const [room_stats, gift_count] = ['room_stats', 'gift_count'] as const;

/** No code that is about the whole app: those pause all of it, as they must. */
export const spots: readonly Spot[] = [
  ...[100002, 100004, 123456, 60008].map((code) => ({ kind: 'code', code }) as const),
  ...[200, 404, 502].map((status) => ({ kind: 'http', status }) as const),
  ...(['before', 'during'] as const).map((when) => ({ kind: 'reset', when }) as const),
  ...[{ kind: 'silence' } as const, { kind: 'endless' } as const, { kind: 'latency', ms: 6_000 } as const],
  ...[{ kind: 'code', code: 70107, endpoint: gift_count } as const, { kind: 'silence', endpoint: gift_count } as const],
  { kind: 'truncated', endpoint: room_stats } as const,
].map((fault, index) => ({ room: nameOf(firstRoom + index), fault }));

export function isSpotted(endpoint: Endpoint, room: string): boolean {
  return spots.some(({ room: bad, fault }) => bad === room && (fault.endpoint ?? endpoint) === endpoint);
}

function nameOf(number: number): string {
  return `room-${String(number).padStart(4, '0')}`;
}
