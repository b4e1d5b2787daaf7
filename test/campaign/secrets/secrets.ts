import { type CampaignPart, formatCount } from '../campaign-part.ts';
import { planted } from './planted.ts';
import { runWithSecrets, type SecretRun } from './secret-run.ts';

export const secretScan: CampaignPart = {
  name: 'secrets',
  summary:
    'runs with every fault; then all that was written and answered is searched for the secrets in every encoding',
  async run() {
    const run = await runWithSecrets();
    const findings = [
      ...run.findings.map(({ secret, encoding, place }) => `${place} holds the ${secret} as ${encoding}`),
      ...vacuities(run),
    ];
    return [
      {
        test: `secrets in the open: ${planted.length} planted, ${run.signatures} signatures, ${run.troubles} troubles upstream`,
        howMany: formatCount(run.places.length, 'files and answers'),
        ...{ lost: 0, doubled: 0, wrong: findings.length, findings },
      },
    ];
  },
};

/** What must have happened for the scan to say anything. */
export function vacuities({
  signatures,
  troubles,
  rejected,
  heartbeats,
  missed,
  places,
}: SecretRun): readonly string[] {
  const expected = [
    ...['/metrics of v1', 'run v1', 'run v2', 'run calm', 'v2.db at the end', 'v1-salvaged.db at the end'],
    ...['v1.db-wal while v1 runs', 'v1-grafana/provisioning/alerting/livetally-contact-points.yaml at the end'],
  ];
  const commands = ['check', 'poll', 'verify', 'setup', 'backup', 'salvage', 'reship', 'recall'];
  return [
    ...missed.map((trouble) => `${trouble}: it has not come to be`),
    ...(signatures >= troubles / 2 ? [] : [`only ${signatures} signatures were seen of ${troubles} troubled apps`]),
    ...(rejected.every((rows) => rows > 0) ? [] : ['no words of a server were set aside']),
    ...(heartbeats > 0 ? [] : ['the heartbeat was not called']),
    ...expected.filter((place) => !places.includes(place)).map((place) => `${place} was not looked at`),
    ...commands
      .filter((command) => !places.some((place) => place.startsWith(`${command} `)))
      .map((command) => `${command} was not run`),
  ];
}
