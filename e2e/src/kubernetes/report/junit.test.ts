import { expect, test } from 'vitest';
import { junitXml } from './junit.ts';
import type { Outcome } from './outcome.ts';

const outcome = (name: string, kind: Outcome['kind'], because = ''): Outcome => ({
  scenario: { name, promise: 'it goes well', needs: [], run: async () => undefined },
  kind,
  seconds: 1.26,
  because,
});

test('outcomes are told as JUnit tells tests', () => {
  const xml = junitXml([
    outcome('smoke', 'held'),
    outcome('upgrade', 'broken', 'a write failed: 1 < 2'),
    outcome('node-killed', 'skipped', 'no machines'),
  ]);
  expect(xml).toContain('<testsuite name="e2e" tests="3" failures="1" skipped="1">');
  expect(xml).toContain('<testcase classname="e2e" name="smoke: it goes well" time="1.3"/>');
  expect(xml).toContain('<failure>a write failed: 1 &lt; 2</failure>');
  expect(xml).toContain('<skipped message="no machines"/>');
});
