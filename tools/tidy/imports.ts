/** The modules that a TypeScript file imports, types included. */
import { parseSync } from 'oxc-parser';

export function importsOf(path: string, text: string): readonly string[] {
  const { module } = parseSync(path, text);
  const fixed = [
    ...module.staticImports.map((each) => each.moduleRequest.value),
    ...module.staticExports.flatMap((each) => each.entries.flatMap((entry) => entry.moduleRequest?.value ?? [])),
  ];
  const dynamic = module.dynamicImports.map(({ moduleRequest }) => text.slice(moduleRequest.start + 1, moduleRequest.end - 1));
  return [...fixed, ...dynamic];
}
