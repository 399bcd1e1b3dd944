/** What the operator needs installed, as generated: CustomResourceDefinitions, and the policies about who may write what. */
import { readdir, readFile } from 'node:fs/promises';
import type { KubeObject } from '@vectorcluster/kube/object.ts';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';

const objectSchema = z.looseObject({ apiVersion: z.string(), kind: z.string(), metadata: z.looseObject({ name: z.string() }) });

export async function customResourceDefinitions(): Promise<readonly KubeObject[]> {
  return (await generatedObjects()).filter(({ kind }) => kind === 'CustomResourceDefinition');
}

/** ValidatingAdmissionPolicies and their bindings. */
export async function admissionObjects(): Promise<readonly KubeObject[]> {
  return (await generatedObjects()).filter(({ apiVersion }) => apiVersion === 'admissionregistration.k8s.io/v1');
}

async function generatedObjects(): Promise<readonly KubeObject[]> {
  const folder = new URL('../generated/', import.meta.resolve('@vectorcluster/crds/definitions.ts'));
  const files = (await readdir(folder)).filter((file) => file.endsWith('.yaml')).toSorted();
  const texts = await Promise.all(files.map((file) => readFile(new URL(file, folder), 'utf8')));
  return texts.flatMap((text) => parseAllDocuments(text).map((document) => objectSchema.parse(document.toJS())));
}
