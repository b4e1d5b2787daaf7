import { builtIn } from './selection.ts';

/**
 * Calls series by the value of a label. The alias of Grafana's InfluxDB data source knows tags whose names are ASCII words, and leaves any other as
 * it is written; the display name of fields takes all but three characters. Without either, Grafana writes all tags with their values.
 */
export function legendOfLabel(tag: string): { readonly legend?: string; readonly displayName?: string } {
  if (/^[\w-]+$/.test(tag)) return { legend: `$tag_${tag}` };
  if (/[:^}]/.test(tag)) return {};
  return { displayName: builtIn(`__field.labels["${tag.replaceAll(/["\\]/g, '\\$&')}"]`) };
}
