/** The import table as a function: one line per violation, with the reason of the rule. */
import { posix } from 'node:path';
import { forbiddenImports, importRules } from './import-rules.ts';

export function importViolations(path: string, imports: readonly string[]): readonly string[] {
  const isTest = path.endsWith('.test.ts') || /\/test\//.test(path);
  const rule = importRules.filter((each) => path.startsWith(each.from)).toSorted((a, b) => b.from.length - a.from.length)[0];
  return imports.flatMap((imported) => {
    const forbidden = forbiddenImports.find(
      (each) =>
        path.startsWith(each.from) &&
        imported.startsWith(each.imports) &&
        !(each.imports === '@kubernetes/client-node' && path.startsWith('kube/')),
    );
    if (forbidden && !isTest) return [`${path} imports ${imported}: ${forbidden.because}`];
    if (!rule || isTest) return [];
    return isAllowed(path, imported, rule.from, rule.allowed) ? [] : [`${path} imports ${imported}: ${rule.because}`];
  });
}

function isAllowed(path: string, imported: string, from: string, allowed: readonly string[]): boolean {
  if (!imported.startsWith('.')) return allowed.some((prefix) => !prefix.startsWith('.') && imported.startsWith(prefix));
  const target = posix.normalize(posix.join(posix.dirname(path), imported));
  return allowed.filter((prefix) => prefix.startsWith('.')).some((prefix) => target.startsWith(posix.normalize(posix.join(from, prefix))));
}
