import type { GrafanaSettings } from './settings.ts';

/** A variable at the top of a dashboard that narrows what its panels show. */
export type Variable = {
  /** As Grafana's `var-<name>` in addresses. */
  readonly name: string;
  /** What a person reads. */
  readonly title: string;
  readonly tag: string;
};

export const appVariable: Variable = { name: 'app', title: 'App', tag: 'app' };
export const roomVariable: Variable = { name: 'room', title: 'Room', tag: 'room_id' };
export const receiverVariable: Variable = { name: 'receiver', title: 'Receiver', tag: 'user_id' };

/** Labels may hold any characters, names of variables only word characters. */
export function labelVariables({ labels }: Pick<GrafanaSettings, 'labels'>): readonly Variable[] {
  const taken = new Set<string>();
  return labels.map((label) => {
    const wanted = `label_${label.replaceAll(/\W/g, '_')}`;
    let name = wanted;
    for (let number = 2; taken.has(name); number++) name = `${wanted}_${number}`;
    taken.add(name);
    return { name, title: label, tag: label };
  });
}

/** A name as InfluxQL takes it anywhere, `end` and other keywords included. */
export function quoted(identifier: string): string {
  return `"${identifier.replaceAll(/["\\]/g, '\\$&')}"`;
}

/**
 * What is on screen: the range, and every variable as a regular expression. The format is given with the variable, because
 * what the data source does without one has differed from version to version, and leaves values that begin with a digit unescaped.
 */
export function where(variables: readonly Variable[], ...conditions: readonly string[]): string {
  return ['$timeFilter', ...narrowedTo(variables), ...conditions].join(' AND ');
}

export function narrowedTo(variables: readonly Variable[]): readonly string[] {
  return variables.map(({ name, tag }) => `${quoted(tag)} =~ /^${builtIn(`${name}:regex`)}$/`);
}

/** The range in epoch milliseconds, wherever Grafana fills in variables. */
export const rangeStartMs = builtIn('__from');
export const rangeEndMs = builtIn('__to');

/** A variable of Grafana's own. Written like this because the same characters begin a placeholder in TypeScript. */
export function builtIn(expression: string): string {
  return `\${${expression}}`;
}

/** What narrows the offer of the variable at the index: rooms and receivers follow every choice before them, labels only the app. */
export function choicesBefore(variables: readonly Variable[], index: number): readonly Variable[] {
  const variable = variables[index];
  const followsAll = variable === roomVariable || variable === receiverVariable;
  return variables.slice(0, followsAll ? index : Math.min(index, 1));
}
