/** The JSONPath of printer columns and scale paths: .a.b, ['a'], [0], [*], [?(@.type=="Ready")]. */
import { isObject, type Json, show } from '../json.ts';

type Step =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'all' }
  | { readonly kind: 'filter'; readonly path: readonly string[]; readonly value: string };

const stepPattern =
  /^(?:\.([A-Za-z0-9_$\\.-]+?)(?=[.[]|$)|\[(?:'([^']*)'|"([^"]*)"|(\d+)|(\*)|\?\(\s*@\.([\w.]+)\s*==\s*(?:"([^"]*)"|'([^']*)')\s*\))\])/;

/** Undefined when the path is none that a server understands. */
export function parseJsonPath(path: string): readonly Step[] | undefined {
  const steps: Step[] = [];
  let rest = path
    .trim()
    .replace(/^\{(.*)\}$/, '$1')
    .replace(/^\$/, '');
  while (rest !== '') {
    const match = stepPattern.exec(rest);
    if (!match) return undefined;
    const [whole, dotted, single, double, index, star, filterPath, filterDouble, filterSingle] = match;
    const name = dotted ?? single ?? double;
    if (name !== undefined) steps.push({ kind: 'field', name });
    else if (index !== undefined) steps.push({ kind: 'index', index: Number(index) });
    else if (star !== undefined) steps.push({ kind: 'all' });
    else if (filterPath !== undefined)
      steps.push({ kind: 'filter', path: filterPath.split('.'), value: filterDouble ?? filterSingle ?? '' });
    rest = rest.slice(whole.length);
  }
  return steps;
}

/** Every value that the path finds. */
export function findAll(value: Json | undefined, steps: readonly Step[]): Json[] {
  let current: (Json | undefined)[] = [value];
  for (const step of steps) current = current.flatMap((each) => next(each, step));
  return current.filter((each) => each !== undefined);
}

function next(value: Json | undefined, step: Step): (Json | undefined)[] {
  switch (step.kind) {
    case 'field':
      return isObject(value) && Object.hasOwn(value, step.name) ? [value[step.name]] : [];
    case 'index':
      return Array.isArray(value) ? [value[step.index]] : [];
    case 'all':
      return Array.isArray(value) ? value : isObject(value) ? Object.values(value) : [];
    case 'filter':
      return Array.isArray(value)
        ? value.filter(
            (item) =>
              show(
                findAll(
                  item,
                  step.path.map((name) => ({ kind: 'field', name })),
                )[0] ?? '',
              ) === step.value,
          )
        : [];
  }
}
