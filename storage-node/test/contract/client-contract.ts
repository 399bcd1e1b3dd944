/** Every stock client against one address. The same suite runs over the database of the tests and over a whole cluster. */
import { grpcContract } from './grpc-contract.ts';
import { pythonContract } from './python-contract.ts';
import { restContract } from './rest-contract.ts';

/** URLs as `http://host:port`; functions, because servers start after the tests are collected. */
export function clientContract(url: () => string, grpcUrl: () => string): void {
  restContract(url);
  grpcContract(grpcUrl);
  pythonContract(() => {
    const { hostname: host, port: rest } = new URL(url());
    return { host, rest: Number(rest), grpc: Number(new URL(grpcUrl()).port) };
  });
}
