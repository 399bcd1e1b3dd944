/** Whether a Pod is as it should be: an ordered list of named checks, the first reason wins. */
import type { PodFacts } from './observed-nodes.ts';

type DriftCheck = (running: PodFacts, wanted: PodFacts) => string | undefined;

const imageDiffers: DriftCheck = (running, wanted) =>
  running.image === wanted.image ? undefined : `image ${running.image} is not ${wanted.image}`;

const zoneDiffers: DriftCheck = (running, wanted) =>
  running.zone === wanted.zone ? undefined : `zone ${running.zone} is not ${wanted.zone}`;

const resourcesDiffer: DriftCheck = (running, wanted) =>
  running.resources === wanted.resources ? undefined : `resources ${running.resources} are not ${wanted.resources}`;

const environmentDiffers: DriftCheck = (running, wanted) => {
  for (const [name, value] of wanted.environment) {
    const actual = running.environment.get(name);
    if (actual !== value) return `env ${name} is ${actual ?? 'missing'}, not ${value}`;
  }
  const extra = [...running.environment.keys()].find((name) => !wanted.environment.has(name));
  return extra === undefined ? undefined : `env ${extra} is no longer set`;
};

const schedulingDiffers: DriftCheck = (running, wanted) =>
  running.scheduling === wanted.scheduling ? undefined : `scheduling ${running.scheduling} is not ${wanted.scheduling}`;

const templateDiffers: DriftCheck = (running, wanted) =>
  `template ${running.templateHash === '' ? 'unknown' : running.templateHash} is not ${wanted.templateHash}`;

const readableChecks: readonly DriftCheck[] = [
  imageDiffers,
  zoneDiffers,
  resourcesDiffer,
  environmentDiffers,
  schedulingDiffers,
  templateDiffers,
];

/**
 * The hash decides, the checks explain: API servers and admission rewrite a Pod (`1000m` becomes `1`), and such a change is no drift.
 * Only the image, which a person can change on a live Pod, is compared whatever the hash says.
 */
export function driftOf(running: PodFacts, wanted: PodFacts): string | undefined {
  if (running.templateHash === wanted.templateHash) return imageDiffers(running, wanted);
  for (const check of readableChecks) {
    const reason = check(running, wanted);
    if (reason !== undefined) return reason;
  }
  return undefined;
}
