/** The table of values in the README of the chart. */
import type { DescribedValue } from './described-values.ts';

export function valuesTable(values: readonly DescribedValue[]): string {
  const rows = rowsOf(values, []).map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`);
  return ['| value | type | default | |', '|---|---|---|---|', ...rows].join('\n');
}

function rowsOf(values: readonly DescribedValue[], path: readonly string[]): readonly (readonly string[])[] {
  return values.flatMap((value) => {
    const here = [...path, value.name];
    if (value.kind === 'group') return rowsOf(value.values, here);
    return [[`\`${here.join('.')}\``, value.type, `\`${JSON.stringify(value.value)}\``, value.description]];
  });
}
