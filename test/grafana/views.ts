import type { Variable } from '../../grafana/code/selection.ts';
import type { Dashboard } from './dashboard-file.ts';
import type { VariableValue, View } from './expand.ts';
import type { TruthRow } from './truth.ts';

export type NamedView = View & { readonly name: string };

/**
 * A dashboard with everything chosen, with one value of each variable, and with several, for each range. The values are those of
 * targets that had data in the range.
 */
export function viewsOf(
  { templating }: Dashboard,
  variables: readonly Variable[],
  rows: readonly TruthRow[],
  ranges: readonly { readonly fromMs: number; readonly toMs: number }[],
): readonly NamedView[] {
  return ranges.flatMap((range) => {
    const present = rows.filter(({ timeMs, tags }) => {
      return range.fromMs <= timeMs && timeMs <= range.toMs && tags['user_id'] !== undefined;
    });
    const choose = (pick: (variable: Variable) => VariableValue) =>
      Object.fromEntries(
        variables.map((variable) => {
          const offered = templating.list.find(({ name }) => name === variable.name);
          if (offered === undefined) throw new Error(`the dashboard has no variable ${variable.name}`);
          return [variable.name, pick(variable)];
        }),
      );
    const allOf = (variable: Variable): VariableValue => {
      const offered = templating.list.find(({ name }) => name === variable.name);
      if (offered?.includeAll === true) return { all: offered.allValue ?? '' };
      return { values: valuesOf(present, variable.tag) };
    };
    const [first] = present;
    const few = [first, present[Math.floor(present.length / 2)], present.at(-1)].filter((row) => row !== undefined);
    const period = `${new Date(range.fromMs).toISOString()} and ${Math.round((range.toMs - range.fromMs) / 60_000)} minutes`;
    return [
      { ...range, name: `all, ${period}`, variables: choose(allOf) },
      {
        ...range,
        name: `one value each, ${period}`,
        variables: choose(({ tag }) => ({ values: valuesOf(few.slice(0, 1), tag) })),
      },
      {
        ...range,
        name: `several values each, ${period}`,
        variables: choose(({ tag }) => ({ values: valuesOf(few, tag) })),
      },
    ];
  });
}

/** An unlabelled target gives the empty value, which no menu offers but which stands for it in a regular expression. */
function valuesOf(rows: readonly TruthRow[], tag: string): readonly string[] {
  return [...new Set(rows.map(({ tags }) => tags[tag] ?? ''))].sort();
}
