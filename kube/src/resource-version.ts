/** Order of resourceVersions of one kind. Kubernetes defines them as decimal integers of any size that grow with each write. */
const decimal = /^[1-9][0-9]*$/;

/** Whether who has seen `seen` has also seen `wanted`. Versions that are not numbers are only ever equal. */
export function hasSeen(seen: string | undefined, wanted: string): boolean {
  if (seen === undefined) return false;
  if (seen === wanted) return true;
  if (!decimal.test(seen) || !decimal.test(wanted)) return false;
  return seen.length === wanted.length ? seen > wanted : seen.length > wanted.length;
}
