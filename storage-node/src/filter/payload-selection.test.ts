import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../model/json-value.ts';
import { selectPayload } from './payload-selection.ts';

const payload: JsonObject = {
  a: { b: 1, c: [{ d: 1, e: 2 }, { d: 3 }], n: {} },
  f: [1, 2],
  g: null,
  'h.i': 5,
  s: 't',
  m: [[{ d: 1 }]],
  z: [],
};

describe('agrees with the in-memory mode of the public client', () => {
  test.for<[paths: readonly string[], selected: JsonObject]>([
    [['a'], { a: { b: 1, c: [{ d: 1, e: 2 }, { d: 3 }], n: {} } }],
    [['a.b'], { a: { b: 1 } }],
    [['a.c'], { a: { c: [{ d: 1, e: 2 }, { d: 3 }] } }],
    [['a.c[].d'], { a: { c: [{ d: 1 }, { d: 3 }] } }],
    [['a.c.d'], { a: { c: [] } }],
    [['a.c[0].d'], { a: { c: [] } }],
    [['a.c[0]'], { a: { c: [] } }],
    [['a.c[]'], { a: { c: [{ d: 1, e: 2 }, { d: 3 }] } }],
    [['f[]'], { f: [1, 2] }],
    [['f[0]'], { f: [] }],
    [['f'], { f: [1, 2] }],
    [['g'], { g: null }],
    [['x'], {}],
    [['"h.i"'], { 'h.i': 5 }],
    [['h.i'], {}],
    [['a.b', 'f'], { a: { b: 1 }, f: [1, 2] }],
    [[], {}],
    [['a.x'], { a: {} }],
    [['g.x'], { g: null }],
    [['s.x'], { s: 't' }],
    [['f[].x'], { f: [1, 2] }],
    [['s[]'], { s: 't' }],
    [['a.c[].x'], { a: { c: [{}, {}] } }],
    [['a.n'], { a: { n: {} } }],
    [['a.n.x'], { a: { n: {} } }],
    [['m[].d'], { m: [[]] }],
    [['m[][].d'], { m: [[{ d: 1 }]] }],
    [['m[]'], { m: [[{ d: 1 }]] }],
    [['z'], { z: [] }],
    [['z[]'], { z: [] }],
    [['a.c[].d', 'a.c[].e'], { a: { c: [{ d: 1, e: 2 }, { d: 3 }] } }],
    [['s[0]'], { s: 't' }],
    [['f.x'], { f: [] }],
  ])('including %j', ([include, selected]) => {
    expect(selectPayload(payload, { include })).toEqual(selected);
  });

  test.for<[paths: readonly string[], selected: JsonObject]>([
    [['a'], { f: [1, 2], g: null, 'h.i': 5, s: 't', m: [[{ d: 1 }]], z: [] }],
    [['a.b'], { a: { c: [{ d: 1, e: 2 }, { d: 3 }], n: {} }, f: [1, 2], g: null, 'h.i': 5, s: 't', m: [[{ d: 1 }]], z: [] }],
    [['a.c[].d'], { a: { b: 1, c: [{ e: 2 }, {}], n: {} }, f: [1, 2], g: null, 'h.i': 5, s: 't', m: [[{ d: 1 }]], z: [] }],
    [['a.c.d'], { a: { b: 1, c: [{ d: 1, e: 2 }, { d: 3 }], n: {} }, f: [1, 2], g: null, 'h.i': 5, s: 't', m: [[{ d: 1 }]], z: [] }],
    [['a.c[0]'], { a: { b: 1, c: [{ d: 1, e: 2 }, { d: 3 }], n: {} }, f: [1, 2], g: null, 'h.i': 5, s: 't', m: [[{ d: 1 }]], z: [] }],
    [['a.c[]'], { a: { b: 1, c: [], n: {} }, f: [1, 2], g: null, 'h.i': 5, s: 't', m: [[{ d: 1 }]], z: [] }],
    [['f[]'], { a: { b: 1, c: [{ d: 1, e: 2 }, { d: 3 }], n: {} }, f: [], g: null, 'h.i': 5, s: 't', m: [[{ d: 1 }]], z: [] }],
    [['x'], { a: { b: 1, c: [{ d: 1, e: 2 }, { d: 3 }], n: {} }, f: [1, 2], g: null, 'h.i': 5, s: 't', m: [[{ d: 1 }]], z: [] }],
    [['"h.i"'], { a: { b: 1, c: [{ d: 1, e: 2 }, { d: 3 }], n: {} }, f: [1, 2], g: null, s: 't', m: [[{ d: 1 }]], z: [] }],
    [['a.b', 'f'], { a: { c: [{ d: 1, e: 2 }, { d: 3 }], n: {} }, g: null, 'h.i': 5, s: 't', m: [[{ d: 1 }]], z: [] }],
    [[], { a: { b: 1, c: [{ d: 1, e: 2 }, { d: 3 }], n: {} }, f: [1, 2], g: null, 'h.i': 5, s: 't', m: [[{ d: 1 }]], z: [] }],
    [['m[][].d'], { a: { b: 1, c: [{ d: 1, e: 2 }, { d: 3 }], n: {} }, f: [1, 2], g: null, 'h.i': 5, s: 't', m: [[{}]], z: [] }],
    [['a.c[].d', 'a.c[].e'], { a: { b: 1, c: [{}, {}], n: {} }, f: [1, 2], g: null, 'h.i': 5, s: 't', m: [[{ d: 1 }]], z: [] }],
  ])('excluding %j', ([exclude, selected]) => {
    expect(selectPayload(payload, { exclude })).toEqual(selected);
  });
});

test('all or nothing', () => {
  expect(selectPayload(payload, true)).toBe(payload);
  expect(selectPayload(payload, false)).toBeUndefined();
});
