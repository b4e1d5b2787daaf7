import { checkOnline } from './check-online.ts';
import { formatPlan, planOf } from './check-plan.ts';
import { type Command, parseOptions } from './command.ts';
import { defaultConfigFile, loadOrExplain } from './load-or-explain.ts';

const usage = `Usage: livetally check [--config FILE] [--online] [--json]

Validates the configuration and prints the plan: requests per second against the limits, disk, how long the budget lasts.

  --config FILE     ${defaultConfigFile}
  --online          asks Tencent for up to ten targets of each endpoint and app, and the sink whether it would take points
  --json            the plan, and what --online found, as JSON
`;

export const check: Command = {
  usage,
  async run(context) {
    const options = parseOptions(context, {
      config: { type: 'string', default: defaultConfigFile },
      online: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    });
    const config = await loadOrExplain(options.config, context);
    if (config === undefined) return 2;
    const plan = planOf(config);
    if (!options.json) context.stdout.write(`${formatPlan(plan)}\n`);
    const findings = options.online ? await checkOnline(config, context) : [];
    if (options.json) {
      context.stdout.write(`${JSON.stringify(options.online ? { ...plan, online: findings } : plan, null, 2)}\n`);
    } else {
      for (const { subject, isGood, words } of findings) {
        context.stdout.write(`${isGood ? 'ok    ' : 'FAILED'} ${subject}: ${words}\n`);
      }
    }
    return findings.every(({ isGood }) => isGood) ? 0 : 1;
  },
};
