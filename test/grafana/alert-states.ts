import { DataSourceAway, type DataSources, evaluateRule, type RuleResult } from './alert-evaluator.ts';
import { keyOf, type LabelledNumber, unlabelled } from './alert-numbers.ts';
import type { ProvisionedRule } from './alert-rules.ts';
import { parseDuration } from './expand.ts';

/** One alert instance that began to fire with this evaluation. */
export type Alarm = {
  readonly rule: string;
  readonly atMs: number;
  readonly labels: ReadonlyMap<string, string>;
  /** The numbers of its other nodes, by name: what the annotations show. */
  readonly values: Readonly<Record<string, number | null>>;
};

type Instance = { readonly sinceMs: number; isFiring: boolean; seenMs: number };

/** An instance whose series is missing stays as it is for two evaluations, then it is over. */
const missingEvaluations = 2;
const intervalMs = 60_000;

/** The alerts of some rules from evaluation to evaluation: pending for as long as the rule's `for`, then firing. */
export class AlertStates {
  readonly #rules: readonly ProvisionedRule[];
  readonly #sources: DataSources;
  readonly #instances = new Map<string, Instance>();

  constructor(rules: readonly ProvisionedRule[], sources: DataSources) {
    this.#rules = rules;
    this.#sources = sources;
  }

  /** Evaluates all rules; those that fired already are not among the result. */
  async evaluate(atMs: number): Promise<readonly Alarm[]> {
    const alarms = await Promise.all(this.#rules.map((rule) => this.#evaluate(rule, atMs)));
    for (const [key, { seenMs }] of this.#instances) {
      if (atMs - seenMs > missingEvaluations * intervalMs) this.#instances.delete(key);
    }
    return alarms.flat();
  }

  async #evaluate(rule: ProvisionedRule, atMs: number): Promise<readonly Alarm[]> {
    const result = await this.#ask(rule, atMs);
    if (result === undefined) return this.#keepLast(rule, atMs);
    const { numbers, values } = result;
    const results = numbers.length === 0 ? [{ labels: unlabelled, value: null }] : numbers;
    return results.flatMap(({ labels, value }) => {
      if (!this.#beginsToFire(rule, labels, isAlerting(rule, value), atMs)) return [];
      const shown = [...values].map(([name, all]) => [name, valueAt(all, labels)] as const);
      return [{ rule: rule.uid, atMs, labels, values: Object.fromEntries(shown) }];
    });
  }

  /** Undefined when a query could not be answered and the rule takes that for nothing. */
  async #ask(rule: ProvisionedRule, atMs: number): Promise<RuleResult | undefined> {
    try {
      return await evaluateRule(rule, this.#sources, atMs);
    } catch (error) {
      if (!(error instanceof DataSourceAway)) throw error;
      if (rule.execErrState === 'KeepLast') return undefined;
      return { numbers: [{ labels: unlabelled, value: 1 }], values: new Map() };
    }
  }

  #keepLast({ uid }: ProvisionedRule, atMs: number): readonly Alarm[] {
    for (const [key, instance] of this.#instances) if (key.startsWith(`${uid} `)) instance.seenMs = atMs;
    return [];
  }

  #beginsToFire(rule: ProvisionedRule, labels: ReadonlyMap<string, string>, alerting: boolean, atMs: number): boolean {
    const key = `${rule.uid} ${keyOf(labels)}`;
    if (!alerting) {
      this.#instances.delete(key);
      return false;
    }
    const instance = this.#instances.get(key) ?? { sinceMs: atMs, isFiring: false, seenMs: atMs };
    this.#instances.set(key, instance);
    instance.seenMs = atMs;
    if (instance.isFiring || atMs - instance.sinceMs < parseDuration(rule.for)) return false;
    instance.isFiring = true;
    return true;
  }
}

/** Whatever is not zero is an alarm, NaN too. A null is no data for that instance. */
function isAlerting({ noDataState }: ProvisionedRule, value: number | null): boolean {
  return value === null ? noDataState === 'Alerting' : value !== 0;
}

function valueAt(numbers: readonly LabelledNumber[], labels: ReadonlyMap<string, string>): number | null {
  return numbers.find((number) => keyOf(number.labels) === keyOf(labels))?.value ?? null;
}
