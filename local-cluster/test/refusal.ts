import { InvalidError } from '@vectorcluster/kube/errors.ts';

/** What the API server says against it. */
export function refusal(attempt: Promise<unknown>): Promise<string> {
  return attempt.then(
    () => 'not refused',
    (error: unknown) => (error instanceof InvalidError ? error.message : String(error)),
  );
}
