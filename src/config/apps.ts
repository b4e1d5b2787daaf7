import { endpoints } from '../model/target.ts';
import { appEntry, appName } from './app-schema.ts';
import { checkValue } from './check-value.ts';
import type { AppConfig } from './config.ts';
import type { Findings } from './problem.ts';
import { configSchema } from './schema.ts';
import { readSecret } from './secrets.ts';
import { isMap, type Source } from './source.ts';

/** The apps by name. One that is refused is there without a value, so that the watchlist may still refer to it. */
export type Apps = ReadonlyMap<string, AppConfig | undefined>;

export function readApps(written: unknown, source: Source, findings: Findings): Apps {
  const apps = new Map<string, AppConfig | undefined>();
  if (!isMap(written)) {
    checkValue(configSchema.shape.apps, written, { source, path: ['apps'] }, findings);
    return apps;
  }
  if (Object.keys(written).length === 0) findings.report({ source, path: ['apps'] }, 'holds no app');
  for (const [name, value] of Object.entries(written)) {
    checkValue(appName, name, { source, path: ['apps', name] }, findings);
    apps.set(name, readApp(name, value, source, findings));
  }
  checkSharedIds(apps, source, findings);
  return apps;
}

function readApp(name: string, value: unknown, source: Source, findings: Findings): AppConfig | undefined {
  const place = { source, path: ['apps', name] };
  const app = checkValue(appEntry, value, place, findings);
  if (app === undefined) return undefined;
  const secretKey = readSecret({ value: app.secret_key, file: app.secret_key_file }, place, 'secret_key', findings);
  if (secretKey === undefined) return undefined;
  return {
    name,
    sdkAppId: app.sdk_app_id,
    identifier: app.identifier,
    secretKey,
    baseUrl: app.baseUrl,
    limits: app.limits,
    commands: app.commands,
    requestTimeoutMs: app.request_timeout,
    signatureLifeMs: app.signature_life,
  };
}

/** Apps of one SDKAppID share its limits, so they must agree on them. */
function checkSharedIds(apps: Apps, source: Source, findings: Findings): void {
  const firstOfId = new Map<number, AppConfig>();
  for (const app of apps.values()) {
    if (app === undefined) continue;
    const first = firstOfId.get(app.sdkAppId);
    if (first === undefined) {
      firstOfId.set(app.sdkAppId, app);
      continue;
    }
    const report = (key: string, message: string) =>
      findings.report(
        { source, path: ['apps', app.name, key] },
        `${message} than app "${first.name}", which has the same sdk_app_id`,
      );
    if (app.secretKey !== first.secretKey) report('secret_key', 'is another key');
    if (endpoints.some((endpoint) => app.limits[endpoint] !== first.limits[endpoint]))
      report('limits', 'gives other limits');
  }
}
