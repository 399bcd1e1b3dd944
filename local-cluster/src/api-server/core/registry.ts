import { groupVersion, type ResourceDefinition } from './resource.ts';

/** All served kinds. Custom ones come and go with their definitions. */
export class Registry {
  readonly #byPath = new Map<string, ResourceDefinition>();

  constructor(builtIn: readonly ResourceDefinition[]) {
    for (const resource of builtIn) this.add(resource);
  }

  add(resource: ResourceDefinition): void {
    this.#byPath.set(pathOf(groupVersion(resource), resource.plural), resource);
  }

  removeCustom(group: string, plural: string): void {
    for (const [path, resource] of this.#byPath) {
      if (resource.isCustom && resource.group === group && resource.plural === plural) this.#byPath.delete(path);
    }
  }

  find(apiVersion: string, plural: string): ResourceDefinition | undefined {
    return this.#byPath.get(pathOf(apiVersion, plural));
  }

  findKind(apiVersion: string, kind: string): ResourceDefinition | undefined {
    return this.all().find((resource) => resource.kind === kind && groupVersion(resource) === apiVersion);
  }

  hasGroupVersion(apiVersion: string): boolean {
    return this.all().some((resource) => groupVersion(resource) === apiVersion);
  }

  all(): readonly ResourceDefinition[] {
    return [...this.#byPath.values()];
  }

  /** One definition for each place of storage. */
  stored(): readonly ResourceDefinition[] {
    const found = new Map<string, ResourceDefinition>();
    for (const resource of this.all())
      if (!found.has(resource.storage) && resource.conversion === undefined) found.set(resource.storage, resource);
    return [...found.values()];
  }
}

const pathOf = (apiVersion: string, plural: string): string => `${apiVersion}/${plural}`;
