import type { FailedAnswer } from '../model/outcome.ts';

/**
 * What a non-zero ErrorCode means for the poll. The codes and their meaning are those of Tencent's pages of common error codes
 * (60000 to 79999) and of the two polled APIs (six digits); how each is treated is livetally's choice.
 */
export function outcomeOfCode(code: number): FailedAnswer {
  const documented = documentedCodes.get(code);
  if (documented !== undefined) return documented;
  const isInternalError = code >= 70_200 && code <= 70_299;
  return isInternalError ? { status: 'server_error', code } : { status: 'unknown_code', code };
}

/** Tencent asks for a minute, which begins with the last request that it refused; some were in flight. */
const failedSignaturesPauseMs = 65_000;

/** The trial volume comes back after a day, or as soon as a package is bought: probe now and then. */
const trialVolumePauseMs = 600_000;

const wrongRegion = 'check that region (or base_url) is the one where this sdk_app_id was created';
const checkCredentials = 'check sdk_app_id, identifier and secret_key';
const checkProxy = 'check base_url and whatever stands between livetally and Tencent';
const buyPackage = "buy or renew the app's package in the Tencent RTC console";
const checkTarget = 'check its room and receiver on the watchlist';
const askTencent = "look the code up in Tencent's list of error codes, or ask Tencent's support";

const documentedCodes: ReadonlyMap<number, FailedAnswer> = new Map(
  [
    rateLimited('endpoint', [60007, 60018, 60019, 100012]),
    rateLimited('app', [60011]),
    [
      lockedOut(70050, failedSignaturesPauseMs, `signatures failed too often: ${checkCredentials}`),
      lockedOut(60028, trialVolumePauseMs, `the volume of the trial is used up for 24 hours: ${buyPackage}`),
    ],
    serverErrors([60008, 60013, 60014, 70169, 70500, 100001]),
    [
      signatureRefused(70001, "the signature has expired: check this machine's clock"),
      signatureRefused(70003, `the signature could not be read: ${checkCredentials}`),
      signatureRefused(60004, `account or signature was not accepted: ${checkCredentials}`),
      signatureRefused(60005, `account or signature was not accepted: ${checkCredentials}`),
    ],
    [
      refused('app', 60002, `the URL of the request could not be read: ${checkProxy}`),
      refused('app', 60003, `the body of the request could not be read: ${checkProxy}`),
      refused('app', 60006, 'the app is not valid: check sdk_app_id'),
      refused('endpoint', 60009, 'Tencent does not know the command: check its name under commands'),
      refused('app', 60010, 'the identifier is no administrator: make it one in the console, or set identifier to one'),
      refused('app', 60012, `the SDKAppID did not arrive: ${checkProxy}`),
      refused('endpoint', 60015, `the account did not arrive as a string: ${checkProxy}`),
      refused('app', 60016, 'the app is disabled: enable it in the Tencent RTC console'),
      refused('app', 60017, 'requests of this app are disabled: ask Tencent to allow them'),
      refused('app', 60020, `the app's package has expired: ${buyPackage}`),
      refused(
        'app',
        60021,
        "this machine's address is not allowed: add it to the app's allowed addresses in the console",
      ),
      refused('app', 60025, askTencent),
      refused('app', 60026, `the app lives elsewhere: ${wrongRegion}`),
      refused('app', 60027, askTencent),
      refused('app', 70009, 'the signature was made with the key of another app: check secret_key and sdk_app_id'),
      refused('app', 70013, 'the signature was made for another identifier: check identifier'),
      refused('app', 70014, 'the signature was made for another app: check sdk_app_id'),
      refused('app', 70016, `there is no such key: ${wrongRegion}, then secret_key`),
      refused('app', 70020, `there is no such app: ${wrongRegion}, then sdk_app_id`),
      refused('app', 70051, 'the identifier is blocked: unblock it in the console, or use another administrator'),
    ],
    // Six digits belong to one API: the other one may still be allowed.
    [
      refused('endpoint', 100006, `the app may not do this: ${askTencent}`),
      refused('endpoint', 100007, `the app's package does not include this: ${buyPackage}`),
      refused('endpoint', 100013, `the app may not do this: ${askTencent}`),
    ],
    gone([100004]),
    [
      badTarget(100002, `Tencent finds a parameter invalid: ${checkTarget}`),
      badTarget(100003, `Tencent does not answer for this room: ${checkTarget}`),
      badTarget(100005, `Tencent does not answer for this room: ${checkTarget}`),
      badTarget(100015, `Tencent does not answer for this room: ${checkTarget}`),
      badTarget(70107, 'the receiver is not an account of this app: check it on the watchlist, or import the account'),
      badTarget(70402, `Tencent finds a parameter invalid: ${checkTarget}`),
    ],
  ]
    .flat()
    .map((outcome) => [outcome.code, outcome]),
);

type Coded = Extract<FailedAnswer, { readonly code: number }>;
type Scope = 'endpoint' | 'app';

function rateLimited(scope: Scope, codes: readonly number[]): Coded[] {
  return codes.map((code) => ({ status: 'rate_limited', code, scope }));
}

function serverErrors(codes: readonly number[]): Coded[] {
  return codes.map((code) => ({ status: 'server_error', code }));
}

function gone(codes: readonly number[]): Coded[] {
  return codes.map((code) => ({ status: 'gone', code }));
}

function lockedOut(code: number, pauseMs: number, remedy: string): Coded {
  return { status: 'locked_out', code, pauseMs, remedy };
}

function signatureRefused(code: number, remedy: string): Coded {
  return { status: 'signature_refused', code, remedy };
}

function refused(scope: Scope, code: number, remedy: string): Coded {
  return { status: 'refused', code, scope, remedy };
}

function badTarget(code: number, remedy: string): Coded {
  return { status: 'bad_target', code, remedy };
}
