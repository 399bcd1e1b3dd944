import { expect, test } from 'vitest';
import { lookUpImage, parseImage, type ImageTable } from './images.ts';

const table: ImageTable = { version: '1.2.3', modules: new Map([['acme/store', new URL('file:///srv/store/main.ts')]]) };

test.for([
  ['acme/store', 'acme/store', 'latest'],
  ['acme/store:1.2.3', 'acme/store', '1.2.3'],
  ['registry.example:5000/acme/store', 'registry.example:5000/acme/store', 'latest'],
  ['registry.example:5000/acme/store:1.2.3@sha256:00', 'registry.example:5000/acme/store', '1.2.3'],
])('%s is repository %s, tag %s', ([image, repository, tag]) => {
  expect(parseImage(image ?? '')).toEqual({ repository, tag });
});

test('a known image is a command that listens on the address of the Pod', () => {
  const found = lookUpImage(table, 'acme/store:1.2.3', '127.9.1.4', '/usr/bin/node');
  expect(found).toEqual({
    kind: 'found',
    program: {
      command: ['/usr/bin/node', '--import', expect.stringContaining('pod-source-address.ts'), '/srv/store/main.ts'],
      env: { LISTEN_HOST: '127.9.1.4' },
    },
  });
});

test.for([
  ['other/store:1.2.3', 'this local cluster has no image other/store; it has acme/store'],
  ['acme/store:9', 'image acme/store has no tag 9; this local cluster has 1.2.3'],
])('%s cannot be pulled: %s', ([image, because]) => {
  expect(lookUpImage(table, image ?? '', '127.9.1.4', 'node')).toEqual({ kind: 'not-found', because });
});
