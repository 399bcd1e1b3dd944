/** What the chart renders, by kind and name. */
import { template, type Manifest } from '../src/helm.ts';

export type Values = Readonly<Record<string, unknown>>;

export async function rendered(values: Values = {}, name = 'vectorcluster', namespace = 'shop'): Promise<Rendered> {
  return new Rendered(await template({ name, namespace, values }));
}

export class Rendered {
  readonly objects: readonly Manifest[];

  constructor(objects: readonly Manifest[]) {
    this.objects = objects;
  }

  /** Such as `Role shop/vectorcluster-operator`; what is outside namespaces has none. */
  names(): readonly string[] {
    return this.objects.map(({ kind, metadata }) => `${kind} ${[metadata.namespace, metadata.name].filter(Boolean).join('/')}`).toSorted();
  }

  one(kind: string, name?: string): Manifest {
    const found = this.objects.filter((object) => object.kind === kind && (name === undefined || object.metadata.name === name));
    const [object] = found;
    if (object === undefined || found.length > 1) throw new Error(`${found.length} objects are ${kind} ${name ?? ''}`);
    return object;
  }
}
