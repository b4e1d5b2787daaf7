import type { AlertSettings } from '../../../src/config/alerts-schema.ts';
import { mostOverrides } from '../../../src/config/alerts-schema.ts';
import type { Labels } from '../../../src/model/target.ts';
import { quoted } from '../selection.ts';

/** The rooms that a rule is about: all, or those of some labels. */
export type Rooms = {
  /** Behind the uid of a rule: empty for the rooms that no override matches. */
  readonly suffix: string;
  /** Behind its title. Its place is among them: while Grafana takes over a change, no two rules may have the same title. */
  readonly words: string;
  /** Conditions of InfluxQL, to be joined by AND. */
  readonly conditions: readonly string[];
};

export type Override = AlertSettings['overrides'][number];

/** The first override that matches a room counts, so each leaves out what those before it match. */
export function roomsOf(overrides: readonly Override[]): {
  readonly others: Rooms;
  readonly overridden: readonly { readonly rooms: Rooms; readonly override: Override }[];
} {
  const exclusions = overrides.map(({ where }) => `(${equalities(where, '!=').join(' OR ')})`);
  return {
    others: { suffix: '', words: '', conditions: exclusions },
    overridden: overrides.map((override, index) => ({
      override,
      rooms: {
        suffix: suffixOf(index),
        words: ` ${index + 1} (${Object.entries(override.where)
          .map((pair) => pair.join(' '))
          .join(', ')})`,
        conditions: [...equalities(override.where, '='), ...exclusions.slice(0, index)],
      },
    })),
  };
}

/** Of the overrides that the configuration could have had and has not. */
export function unusedSuffixes(overrides: readonly Override[]): readonly string[] {
  return Array.from({ length: mostOverrides }, (_, index) => suffixOf(index)).slice(overrides.length);
}

function suffixOf(index: number): string {
  return `-${index + 1}`;
}

/** A room without the label counts as one whose label is empty, so `!=` holds for it. */
function equalities(where: Labels, operator: '=' | '!='): readonly string[] {
  return Object.entries(where).map(
    ([name, text]) => `${quoted(name)} ${operator} '${text.replaceAll(/['\\]/g, '\\$&')}'`,
  );
}
