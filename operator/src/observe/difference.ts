/** Whether a live object is what was built: API servers add fields and rewrite quantities, and neither is a difference. */
import type { BuiltObject } from '../resources/built-object.ts';
import { appliedHashAnnotation } from './hashes.ts';
import { quantityOf } from './quantity.ts';

/** The first difference, for people; undefined when everything that was built is there. */
export function differenceOf(live: BuiltObject, wanted: BuiltObject): string | undefined {
  const { [appliedHashAnnotation]: liveHash, ...liveAnnotations } = live.metadata.annotations ?? {};
  const { [appliedHashAnnotation]: wantedHash, ...wantedAnnotations } = wanted.metadata.annotations ?? {};
  const readable = firstDifference(
    { ...live, metadata: { ...live.metadata, annotations: liveAnnotations } },
    { ...wanted, metadata: { ...wanted.metadata, annotations: wantedAnnotations } },
    '',
  );
  if (readable !== undefined || liveHash === wantedHash) return readable;
  return 'it was applied from another version of the spec';
}

function firstDifference(live: unknown, wanted: unknown, path: string): string | undefined {
  if (wanted === undefined) return undefined;
  if (Array.isArray(wanted)) return arrayDifference(live, wanted, path);
  if (!isRecord(wanted)) return isSame(live, wanted) ? undefined : `${path} is ${text(live)}, not ${text(wanted)}`;
  const liveFields = isRecord(live) ? live : undefined;
  for (const [name, value] of Object.entries(wanted)) {
    const difference = firstDifference(liveFields?.[name], value, path === '' ? name : `${path}.${name}`);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

/** Objects in a list may have company, as in ownerReferences; plain values may not. */
function arrayDifference(live: unknown, wanted: readonly unknown[], path: string): string | undefined {
  const items: readonly unknown[] = Array.isArray(live) ? live : [];
  const isPlain = wanted.every((item) => typeof item !== 'object');
  if (isPlain && items.length !== wanted.length) return `${path} is ${text(live)}, not ${text(wanted)}`;
  for (const [index, item] of wanted.entries()) {
    const candidates = isPlain ? [items[index]] : items;
    const isThere = candidates.some((candidate) => firstDifference(candidate, item, '') === undefined);
    if (isThere) continue;
    return items[index] === undefined ? `${path}[${index}] is missing` : firstDifference(items[index], item, `${path}[${index}]`);
  }
  return undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSame(live: unknown, wanted: unknown): boolean {
  if (live === wanted) return true;
  const [a, b] = [quantityOf(live), quantityOf(wanted)];
  return a !== undefined && a === b;
}

function text(value: unknown): string {
  return value === undefined ? 'missing' : JSON.stringify(value);
}
