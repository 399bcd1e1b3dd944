/** What the operator needs installed, as generated: CustomResourceDefinitions, and the policies about who may write what. */
import { readdir, readFile } from 'node:fs/promises';
import { parseAllDocuments } from 'yaml';
import { isObject, type JsonObject } from '../api-server/core/json.ts';

export async function customResourceDefinitions(): Promise<readonly JsonObject[]> {
  return (await generatedObjects()).filter(({ kind }) => kind === 'CustomResourceDefinition');
}

/** ValidatingAdmissionPolicies and their bindings. */
export async function admissionObjects(): Promise<readonly JsonObject[]> {
  return (await generatedObjects()).filter(({ apiVersion }) => apiVersion === 'admissionregistration.k8s.io/v1');
}

async function generatedObjects(): Promise<readonly JsonObject[]> {
  const folder = new URL('../generated/', import.meta.resolve('@vectorcluster/crds/definitions.ts'));
  const files = (await readdir(folder)).filter((file) => file.endsWith('.yaml')).toSorted();
  const texts = await Promise.all(files.map((file) => readFile(new URL(file, folder), 'utf8')));
  return texts.flatMap((text) => parseAllDocuments(text).map((document): unknown => document.toJS())).filter(isObject);
}
