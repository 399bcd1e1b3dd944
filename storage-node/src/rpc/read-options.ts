/** What a client says about freshness: our two headers, and `consistency` of the public API. docs/consistency.md has the tables. */
import type { Consistency } from '../coordinator/consistency.ts';
import type { RequestContext } from '../coordinator/database.ts';
import { decodeSession } from '../coordinator/session-token.ts';
import { Session } from '../coordinator/session.ts';
import { RequestFormatError } from './errors.ts';

/** Headers of REST and metadata keys of gRPC. */
export const consistencyHeader = 'x-vector-consistency';
export const sessionHeader = 'x-vector-session';

const staleMsMost = 3_600_000;

export type ReadOptions = Pick<RequestContext, 'consistency' | 'session'>;

/** Throws RequestFormatError, and BadInputError for a token that is not ours. */
export function readOptions(consistencyText: string | undefined, token: string | undefined): ReadOptions {
  const consistency = consistencyText === undefined ? undefined : consistencyOf(consistencyText);
  if (token !== undefined) return { consistency, session: decodeSession(token) };
  return { consistency, session: consistency?.kind === 'session' ? new Session() : undefined };
}

/** The header wins over the parameter, being ours: who sends it means this database. */
export function withConsistency(context: RequestContext, parameter: Consistency | undefined): RequestContext {
  return context.consistency === undefined && parameter !== undefined ? { ...context, consistency: parameter } : context;
}

/** Every copy in sync has a say in a linearizable answer, so it is what any number of agreeing copies could give. */
export function ofCopies(copies: number | bigint | 'majority' | 'quorum' | 'all'): Consistency | undefined {
  return copies === 1 || copies === 1n ? undefined : { kind: 'linearizable' };
}

function consistencyOf(text: string): Consistency {
  switch (text) {
    case 'eventual':
    case 'recent':
    case 'session':
    case 'linearizable':
      return { kind: text };
    default: {
      const staleMs = Number(/^bounded;ms=([1-9][0-9]{0,6})$/.exec(text)?.[1]);
      if (staleMs <= staleMsMost) return { kind: 'bounded', staleMs };
      throw new RequestFormatError(
        `Validation error in header ${consistencyHeader}: [expected eventual, recent, bounded;ms=N (N from 1 to ${staleMsMost}), session or linearizable]`,
      );
    }
  }
}
