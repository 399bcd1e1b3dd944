/** Bearer tokens: one for the administrator, signed ones for ServiceAccounts. Their secret is in the state directory. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isObject, type Json, type JsonObject } from '../core/json.ts';
import { writeDurably } from '../persistence/durable-file.ts';

export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

export interface ServiceAccountName {
  readonly namespace: string;
  readonly serviceAccount: string;
}

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

  serviceAccountToken(account: ServiceAccountName, expires: Date, audiences: readonly string[] = [issuer]): string {
    const sub = `system:serviceaccount:${account.namespace}:${account.serviceAccount}`;
    return this.#sign({ iss: issuer, sub, aud: [...audiences], exp: Math.floor(expires.getTime() / 1000) });
  }

  /** Undefined for a token that is not ours, was changed, or is over. */
  userOf(token: string, now: Date): User | undefined {
    const [head, payload, signature, ...rest] = token.split('.');
    if (head !== header || payload === undefined || signature === undefined || rest.length > 0) return undefined;
    const expected = Buffer.from(this.#signature(payload));
    const given = Buffer.from(signature);
    if (expected.length !== given.length || !timingSafeEqual(expected, given)) return undefined;
    const claims: Json = JSON.parse(Buffer.from(payload, 'base64url').toString());
    if (!isObject(claims) || typeof claims['sub'] !== 'string') return undefined;
    if (typeof claims['exp'] === 'number' && claims['exp'] * 1000 <= now.getTime()) return undefined;
    if (claims['sub'] === administrator.name) return administrator;
    const [, , namespace = ''] = claims['sub'].split(':');
    return { name: claims['sub'], groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'] };
  }

  #sign(claims: JsonObject): string {
    const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
    return `${header}.${payload}.${this.#signature(payload)}`;
  }

  #signature(payload: string): string {
    return createHmac('sha256', this.#secret).update(`${header}.${payload}`).digest('base64url');
  }
}
