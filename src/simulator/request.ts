import type { Endpoint } from '../model/target.ts';

/** One HTTP request, its body read. */
export type ServiceRequest = { readonly method: string; readonly url: string; readonly body: string };

export type Query = {
  readonly sdkAppId: string | null;
  readonly identifier: string | null;
  readonly userSig: string | null;
  /** Whether `random` and `contenttype` are as documented. */
  readonly isComplete: boolean;
};

/** The room asked for, and for gifts the receiver. */
export type RequestBody = { readonly roomId: string; readonly userId: string | undefined };

/** The command in the path; undefined where the path is none of the service's. */
export function readCommand(url: string): string | undefined {
  const end = url.indexOf('?');
  const path = end < 0 ? url : url.slice(0, end);
  return path.startsWith(servicePath) ? path.slice(servicePath.length) : undefined;
}

/** Parameter names are case-sensitive. */
export function readQuery(url: string): Query {
  const query = new URLSearchParams(url.slice(url.indexOf('?') + 1));
  const random = query.get('random') ?? '';
  const isRandom = /^\d{1,10}$/.test(random) && Number(random) < 2 ** 32;
  return {
    sdkAppId: query.get('sdkappid'),
    identifier: query.get('identifier'),
    userSig: query.get('usersig'),
    isComplete: isRandom && query.get('contenttype') === 'json',
  };
}

/** A number is the code of the refusal: 60003 for what is no JSON object, 100002 for a parameter. */
export function readBody(endpoint: Endpoint, text: string): RequestBody | 60003 | 100002 {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return 60003;
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return 60003;
  if (!('RoomId' in body) || typeof body.RoomId !== 'string') return 100002;
  const roomId = body.RoomId;
  if (roomId === '' || Buffer.byteLength(roomId) > longestRoomIdBytes) return 100002;
  if (endpoint === 'room_stats') return { roomId, userId: undefined };
  if (!('From_Account' in body) || typeof body.From_Account !== 'string' || body.From_Account === '') return 100002;
  return { roomId, userId: body.From_Account };
}

const servicePath = '/v4/live_engine_http_srv/';

/** Source: the reference page of `get_room_stats`. */
const longestRoomIdBytes = 48;
