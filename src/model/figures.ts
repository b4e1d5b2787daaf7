const numbers = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });

/** A number as people read it: `1,234.5`. */
export function formatNumber(value: number): string {
  return numbers.format(value);
}

/** `1 room`, `2 rooms`, `1,234 rooms`. */
export function counted(count: number, noun: string): string {
  const number = formatNumber(count);
  return `${number} ${noun}${number === '1' ? '' : 's'}`;
}

/** Bytes in the largest unit that leaves a whole one: `4.2 MiB`. */
export function formatSize(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = bytes < 1024 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${formatNumber(bytes / 1024 ** power)} ${units[power]}`;
}
