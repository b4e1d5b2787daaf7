import type { Item } from '../setup/item.ts';
import type { CommandContext, ExitCode } from './command.ts';

/** Tokens and passwords that nothing else holds, by whose they are. */
export type ShownSecrets = Map<string, string>;

export type ReportOptions = {
  readonly isDryRun: boolean;
  readonly isJson: boolean;
  readonly shown: ShownSecrets;
  readonly context: Pick<CommandContext, 'stdout'>;
};

type Told = { readonly status: string; readonly subject: string; readonly words: string };

/** Makes what is to be made, in order, and tells of everything; one problem, and nothing is made; one failure, and nothing more. */
export async function carryOut(items: readonly Item[], options: ReportOptions): Promise<ExitCode> {
  const { isDryRun, isJson, shown, context } = options;
  const told: Told[] = [];
  const tell = (status: string, { subject, words }: Item) => {
    told.push({ status, subject, words });
    if (!isJson) context.stdout.write(`${status.padEnd(8)} ${subject}: ${words}\n`);
  };
  const problems = items.filter(({ status }) => status === 'problem').length;
  let made = 0;
  let failure: string | undefined;
  for (const item of items) {
    if (item.status !== 'change' || isDryRun || problems > 0) {
      tell(item.status, item);
      continue;
    }
    if (failure !== undefined) {
      tell('not done', item);
      continue;
    }
    try {
      await item.make();
      made += 1;
      tell('done', item);
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error);
      tell('FAILED', { ...item, words: `${item.words}: ${failure}` });
    }
  }
  if (isJson) {
    const secrets = shown.size === 0 ? {} : { secrets: Object.fromEntries(shown) };
    context.stdout.write(`${JSON.stringify({ items: told, made, ...secrets }, null, 2)}\n`);
  } else {
    for (const [whose, secret] of shown) context.stdout.write(`\nShown this once, ${whose}:\n${secret}\n`);
    context.stdout.write(`\n${summary(items, { isDryRun, problems, made, isFailed: failure !== undefined })}\n`);
  }
  return problems > 0 || failure !== undefined ? 1 : 0;
}

function summary(
  items: readonly Item[],
  outcome: { readonly isDryRun: boolean; readonly problems: number; readonly made: number; readonly isFailed: boolean },
): string {
  const { isDryRun, problems, made, isFailed } = outcome;
  const changes = items.filter(({ status }) => status === 'change').length;
  if (problems > 0) return `${count(problems, 'problem')}: nothing was changed.`;
  if (isFailed)
    return `${made} of ${count(changes, 'change')} made, 1 failed, ${changes - made - 1} not begun. Mend what failed and run setup again: it goes on from there.`;
  if (changes === 0) return 'Everything is as the configuration asks.';
  return isDryRun ? `${count(changes, 'change')} to make; nothing was changed.` : `${count(changes, 'change')} made.`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
