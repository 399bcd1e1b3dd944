import { isDeepStrictEqual } from 'node:util';

/** Whether a stored status says what is wanted. Fields that others write are not looked at. */
export function saysTheSame(stored: object | undefined, wanted: object): boolean {
  const fields = new Map(Object.entries(stored ?? {}));
  return Object.entries(wanted).every(([name, value]) => isDeepStrictEqual(plain(fields.get(name)), plain(value)));
}

/** As JSON carries it: without undefined, without prototypes. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
