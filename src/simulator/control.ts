import { z } from 'zod';
import type { Clock } from '../model/clock.ts';
import { faultSchema } from './fault.ts';
import type { ServiceRequest } from './request.ts';
import type { Service } from './service.ts';
import type { World } from './world.ts';

/** What the control paths act on. */
export type Controlled = { readonly service: Service; readonly world: World; readonly clock: Clock };

export type ControlAnswer = { readonly httpStatus: number; readonly body: unknown };

export const controlPath = '/simulator/';

/**
 * How another process steers the simulator:
 * `GET report`; `GET faults` and `POST faults` (a list that takes the place of the one before);
 * `GET watchlist`, as a watchlist file may hold it; `GET truth?room=ID&since=MS&until=MS`, the last day by default.
 */
export function answerControl(
  { method, url, body }: ServiceRequest,
  { service, world, clock }: Controlled,
): ControlAnswer {
  const { pathname, searchParams } = new URL(url, 'http://simulator');
  switch (`${method} ${pathname.slice(controlPath.length)}`) {
    case 'GET report':
      return ok(service.report());
    case 'GET faults':
      return ok(service.faults.list());
    case 'POST faults':
      return setFaults(body, service, clock);
    case 'GET watchlist':
      return ok(world.roomIds.map((roomId) => ({ room: roomId, receivers: world.receiversOf(roomId) })));
    case 'GET truth':
      return tellTruth(searchParams, world, clock);
    default:
      return { httpStatus: 404, body: { problem: `no such control: ${method} ${pathname}` } };
  }
}

function ok(body: unknown): ControlAnswer {
  return { httpStatus: 200, body };
}

function setFaults(text: string, service: Service, clock: Clock): ControlAnswer {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    return { httpStatus: 400, body: { problem: 'the body is not JSON' } };
  }
  const faults = z.array(faultSchema).safeParse(list);
  if (!faults.success) return { httpStatus: 400, body: { problem: z.prettifyError(faults.error) } };
  service.faults.set(faults.data, clock.monotonicMs());
  return ok(service.faults.list());
}

const dayMs = 86_400_000;

function tellTruth(query: URLSearchParams, world: World, clock: Clock): ControlAnswer {
  const roomId = query.get('room') ?? '';
  const untilMs = Number(query.get('until') ?? clock.wallMs());
  const fromMs = Number(query.get('since') ?? untilMs - dayMs);
  if (!world.roomIds.includes(roomId))
    return { httpStatus: 404, body: { problem: `no room "${roomId}" in this world` } };
  if (!(fromMs <= untilMs && untilMs - fromMs <= 31 * dayMs)) {
    return { httpStatus: 400, body: { problem: 'since and until must be epoch milliseconds, at most 31 days apart' } };
  }
  return ok({ roomId, receivers: world.receiversOf(roomId), lives: world.truth(roomId, fromMs, untilMs) });
}
