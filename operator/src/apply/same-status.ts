/** Whether a stored status says what is wanted. Fields that others write are not looked at. */
export function saysTheSame(stored: object | undefined, wanted: object): boolean {
  const fields = new Map<string, unknown>(Object.entries(stored ?? {}));
  return Object.entries(wanted).every(([name, value]) => sameJson(fields.get(name), value));
}

/** As JSON carries them: a field that is undefined is not there. */
function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, index) => sameJson(item, b[index]));
  }
  const [fields, others] = [definedFields(a), definedFields(b)];
  return fields.size === others.size && Array.from(fields).every(([name, value]) => others.has(name) && sameJson(value, others.get(name)));
}

function definedFields(object: object): ReadonlyMap<string, unknown> {
  return new Map<string, unknown>(Object.entries(object).filter(([, value]) => value !== undefined));
}
