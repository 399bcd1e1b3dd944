import { expect, test } from 'vitest';
import { ConfigError, readConfig } from './config.ts';

const pod = {
  CLUSTER_NAME: 'shop',
  CLUSTER_UID: 'uid-of-shop',
  NODE_NAME: 'shop-data-0',
  NAMESPACE: 'default',
  POD_UID: 'uid',
  POD_IP: '127.7.1.2',
  ZONE: 'a',
  ROLE: 'Data',
};

test('the environment of a Pod is enough', () => {
  expect(readConfig(pod)).toMatchObject({
    node: 'shop-data-0',
    dataDirectory: '/var/lib/vectorcluster',
    listenHost: '0.0.0.0',
    ports: { rest: 6333, grpc: 6334, peer: 6335, metrics: 9090 },
  });
});

test.for([
  [{ ...pod, CLUSTER_NAME: '' }, /CLUSTER_NAME/],
  [{ ...pod, ROLE: 'Index' }, /ROLE/],
  [{ ...pod, REST_PORT: '70000' }, /REST_PORT/],
  [{}, /CLUSTER_NAME.*NODE_NAME.*NAMESPACE/],
] as const)('%o is refused by name', ([environment, names]) => {
  expect(() => readConfig(environment)).toThrow(ConfigError);
  expect(() => readConfig(environment)).toThrow(names);
});
