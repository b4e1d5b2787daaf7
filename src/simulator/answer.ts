import { counters } from '../model/measurement.ts';
import type { Totals } from '../model/sample.ts';
import type { Endpoint } from '../model/target.ts';

/** What the service says, before anything breaks it. */
export type ServiceAnswer = {
  readonly requestId: string;
  /** ErrorCode: 0, or why not. */
  readonly code: number;
  readonly endpoint: Endpoint | undefined;
  /** Only with code 0. */
  readonly totals: Totals | undefined;
};

export function failure(requestId: string, code: number): ServiceAnswer {
  return { requestId, code, endpoint: undefined, totals: undefined };
}

/** The answer in the documented form. */
export function renderAnswer(answer: ServiceAnswer): string {
  return JSON.stringify(documentedForm(answer));
}

export function documentedForm({ requestId, code, endpoint, totals }: ServiceAnswer) {
  return {
    ActionStatus: code === 0 ? 'OK' : 'FAIL',
    ErrorInfo: code === 0 ? '' : (errorInfo.get(code) ?? `simulated failure ${code}`),
    ErrorCode: code,
    RequestId: requestId,
    Response: endpoint && totals && namedCounters(endpoint, totals),
  };
}

function namedCounters(endpoint: Endpoint, totals: Totals): Record<string, number> {
  const response: Record<string, number> = {};
  // The documented sample carries a Sequence that no table of fields explains.
  if (endpoint === 'gift_count') response['Sequence'] = 1;
  for (const [index, { apiField }] of counters[endpoint].entries()) {
    const total = totals[index];
    if (total !== undefined) response[apiField] = total;
  }
  return response;
}

/** The codes that the simulator gives of its own accord. */
const errorInfo: ReadonlyMap<number, string> = new Map([
  [60002, 'the request must be a POST with a random of 32 bits and contenttype=json'],
  [60003, 'the body is not a JSON object'],
  [60004, 'identifier or usersig is missing'],
  [60007, 'the frequency limit of this API is exceeded'],
  [60009, 'no such command'],
  [60010, 'the identifier is not an administrator of the app'],
  [60011, 'the frequency limit of this SDKAppID is exceeded'],
  [60012, 'sdkappid is missing'],
  [70001, 'the usersig has expired'],
  [70003, 'the usersig cannot be read'],
  [70009, 'the usersig was not made with the key of this app'],
  [70013, 'the usersig was made for another identifier'],
  [70014, 'the usersig was made for another sdkappid'],
  [70020, 'no such sdkappid here'],
  [70107, 'the account has not been imported'],
  [100002, 'RoomId must be a string of 1 to 48 bytes, From_Account a string'],
  [100004, 'the room does not exist'],
]);
