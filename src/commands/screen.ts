/** What can be drawn on. Lines have no characters that are wider than one column. */
export type Screen = { readonly width: number; readonly height: number; readonly isColored: boolean };

/** A line in parts, each with a paint of its own. */
export type Line = readonly { readonly text: string; readonly paint?: Paint }[];

type Paint = keyof typeof escapeCodes;

const escapeCodes = { bold: 1, dim: 2, yellow: 33 } as const;

/** The line cut off at the width of the screen: one that wraps would take two rows and shift the picture. */
export function toText(line: Line, { width, isColored }: Screen): string {
  let left = width;
  let drawn = '';
  for (const { text, paint } of line) {
    const part = text.slice(0, left);
    left -= part.length;
    drawn += paint === undefined || !isColored || part === '' ? part : `\u001b[${escapeCodes[paint]}m${part}\u001b[0m`;
  }
  return drawn;
}
