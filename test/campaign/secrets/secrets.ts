import { type CampaignPart, formatCount } from '../campaign-part.ts';
import { findSecrets } from './find-secrets.ts';
import { planted, runWithSecrets } from './secret-run.ts';

export const secretScan: CampaignPart = {
  name: 'secrets',
  summary: 'a run with every fault; then all it wrote and answered is searched for the secrets in every encoding',
  async run() {
    const { scanned, signatures } = await runWithSecrets();
    const findings = findSecrets(scanned, [...planted, ...signatures]);
    return [
      {
        test: `secrets in the open: ${planted.length} planted, ${signatures.length} signatures`,
        howMany: formatCount(scanned.size, 'files and answers'),
        ...{ lost: 0, doubled: 0, wrong: findings.length },
        findings: findings.map(({ secret, encoding, place }) => `${place} holds the ${secret} as ${encoding}`),
      },
    ];
  },
};
