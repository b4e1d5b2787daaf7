import type { Config } from '../config/config.ts';
import { checkInfluxdb } from './check-influxdb.ts';
import { checkTencent } from './check-tencent.ts';
import type { CommandContext } from './command.ts';
import type { Finding } from './finding.ts';

/** Asks Tencent about some targets of each app, and the sink whether it would take points; nothing is written. */
export async function checkOnline(config: Config, context: CommandContext): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const app of config.apps) findings.push(...(await checkTencent(app, config.watchlist, context)));
  if (config.influxdb !== undefined) findings.push(await checkInfluxdb(config.influxdb, context));
  return findings;
}
