/** The parts of Kubernetes' object metadata and conditions that our kinds share. */
import { z } from 'zod';

export const group = 'vectorcluster.io';
export const version = 'v1';
export const apiVersion = `${group}/${version}`;

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean | undefined;
  readonly blockOwnerDeletion?: boolean | undefined;
}

export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string | undefined;
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly generation?: number | undefined;
  readonly creationTimestamp?: string | undefined;
  readonly deletionTimestamp?: string | undefined;
  readonly deletionGracePeriodSeconds?: number | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly finalizers?: readonly string[] | undefined;
  readonly ownerReferences?: readonly OwnerReference[] | undefined;
}

/** A custom resource as the API server stores it: `spec` after defaulting, `status` absent until first written. */
export interface CustomResource<Kind extends string, Spec, Status> {
  readonly apiVersion: typeof apiVersion;
  readonly kind: Kind;
  readonly metadata: ObjectMeta;
  readonly spec: Spec;
  readonly status?: Status | undefined;
}

/** metav1.Condition; `type` is the list-map key. Types Ready, Reconciling and Stalled follow kstatus. */
export const condition = z
  .strictObject({
    type: z.string().max(316).describe('Kind of the condition, such as Ready, Reconciling or Stalled.'),
    status: z.enum(['True', 'False', 'Unknown']).describe('Whether the condition holds.'),
    reason: z.string().min(1).max(1024).describe('One CamelCase word for programs.'),
    message: z.string().max(32768).describe('What is so, because of what, and what to do about it; for people.'),
    lastTransitionTime: z.iso.datetime().describe('When `status` last changed.'),
    observedGeneration: z.int().min(0).optional().describe('The metadata.generation this condition was computed from.'),
  })
  .describe('One observed aspect of the object.');

export const conditions = z
  .array(condition)
  .max(32)
  .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] })
  .describe('Ready, Reconciling and Stalled as kstatus reads them, and conditions of long operations.');

export type Condition = z.output<typeof condition>;

export const observedGeneration = z
  .int()
  .min(-1)
  .describe('The metadata.generation that this status reflects; -1 while there is none yet.');

/**
 * What the API server shows until somebody writes a status. kstatus takes an object without `observedGeneration` for done, and would
 * call one that was made a moment ago Current.
 */
export const statusBeforeAny = { observedGeneration: -1 } as const;

/** RFC 1123 label, at most 63 characters. */
export const label = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);

/** A Kubernetes quantity such as `50Gi` or `500m`. */
export const quantity = z
  .string()
  .max(32)
  .regex(/^[0-9]+(\.[0-9]+)?([KMGTPE]i?|k|m)?$/);
