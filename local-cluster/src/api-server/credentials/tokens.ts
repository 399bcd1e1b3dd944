/** Bearer tokens: one for the administrator, signed ones for ServiceAccounts. Their secret is in the state directory. */
import { createHmac, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { at, isObject, textOf, type Json, type JsonObject } from '../core/json.ts';
import { writeDurably } from '../persistence/durable-file.ts';

export interface User {
  readonly name: string;
  readonly uid?: string | undefined;
  readonly groups: readonly string[];
  /** What else the token says, such as the Pod it was made for. */
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

export interface ServiceAccountName {
  readonly namespace: string;
  readonly serviceAccount: string;
}

export interface NameAndUid {
  readonly name: string;
  readonly uid: string;
}

export interface TokenOptions {
  readonly expires: Date;
  readonly audiences?: readonly string[] | undefined;
  /** Of the ServiceAccount. */
  readonly uid?: string | undefined;
  /** The Pod the token is for; it is good for no longer than that Pod exists. */
  readonly pod?: NameAndUid | undefined;
  readonly node?: { readonly name: string; readonly uid?: string | undefined } | undefined;
}

/** Whether the Pod that a token is bound to is still that Pod. */
export type IsPodThere = (namespace: string, pod: NameAndUid) => boolean;

const header = Buffer.from(JSON.stringify({ alg: 'HS256', typ: 'JWT' })).toString('base64url');
const issuer = 'https://kubernetes.default.svc';

export const administrator: User = { name: 'admin', groups: ['system:masters', 'system:authenticated'] };

export class Tokens {
  readonly #secret: Buffer;

  constructor(secret: Buffer) {
    this.#secret = secret;
  }

  static async open(directory: string): Promise<Tokens> {
    const path = join(directory, 'token-secret');
    try {
      return new Tokens(Buffer.from((await readFile(path, 'utf8')).trim(), 'hex'));
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    }
    const secret = randomBytes(32);
    await writeDurably(path, secret.toString('hex'));
    return new Tokens(secret);
  }

  administratorToken(): string {
    return this.#sign({ iss: issuer, sub: administrator.name });
  }

  serviceAccountToken({ namespace, serviceAccount }: ServiceAccountName, { expires, audiences, uid, pod, node }: TokenOptions): string {
    return this.#sign({
      iss: issuer,
      sub: `system:serviceaccount:${namespace}:${serviceAccount}`,
      aud: [...(audiences ?? [issuer])],
      exp: Math.floor(expires.getTime() / 1000),
      jti: randomUUID(),
      'kubernetes.io': {
        namespace,
        serviceaccount: { name: serviceAccount, ...(uid !== undefined && { uid }) },
        ...(pod && { pod: { ...pod } }),
        ...(node && { node: { ...node } }),
      },
    });
  }

  /** Undefined for a token that is not ours, was changed, is over, or is bound to a Pod that is gone. */
  userOf(token: string, now: Date, isPodThere: IsPodThere): User | undefined {
    const claims = this.#claimsOf(token);
    const sub = textOf(claims?.['sub']);
    if (claims === undefined || sub === undefined) return undefined;
    if (typeof claims['exp'] === 'number' && claims['exp'] * 1000 <= now.getTime()) return undefined;
    if (sub === administrator.name) return administrator;
    const [, , namespace = ''] = sub.split(':');
    const bound = claims['kubernetes.io'];
    const pod = { name: textOf(at(bound, 'pod', 'name')), uid: textOf(at(bound, 'pod', 'uid')) };
    if (pod.name !== undefined && !isPodThere(namespace, { name: pod.name, uid: pod.uid ?? '' })) return undefined;
    const jti = textOf(claims['jti']);
    const known = {
      'credential-id': jti === undefined ? undefined : `JTI=${jti}`,
      'node-name': textOf(at(bound, 'node', 'name')),
      'node-uid': textOf(at(bound, 'node', 'uid')),
      'pod-name': pod.name,
      'pod-uid': pod.uid,
    };
    return {
      name: sub,
      uid: textOf(at(bound, 'serviceaccount', 'uid')),
      groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
      extra: Object.fromEntries(
        Object.entries(known).flatMap(([key, value]) => (value === undefined ? [] : [[`authentication.kubernetes.io/${key}`, [value]]])),
      ),
    };
  }

  /** Undefined when the signature is not ours. */
  #claimsOf(token: string): JsonObject | undefined {
    const [head, payload, signature, ...rest] = token.split('.');
    if (head !== header || payload === undefined || signature === undefined || rest.length > 0) return undefined;
    const expected = Buffer.from(this.#signature(payload));
    const given = Buffer.from(signature);
    if (expected.length !== given.length || !timingSafeEqual(expected, given)) return undefined;
    const claims: Json = JSON.parse(Buffer.from(payload, 'base64url').toString());
    return isObject(claims) ? claims : undefined;
  }

  #sign(claims: JsonObject): string {
    const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
    return `${header}.${payload}.${this.#signature(payload)}`;
  }

  #signature(payload: string): string {
    return createHmac('sha256', this.#secret).update(`${header}.${payload}`).digest('base64url');
  }
}
