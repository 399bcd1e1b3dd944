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
  return undefined;
};

const environmentIsMore: DriftCheck = (running, wanted) => {
  const extra = [...running.environment.keys()].find((name) => !wanted.environment.has(name));
  return extra === undefined ? undefined : `env ${extra} is no longer set`;
};

const schedulingDiffers: DriftCheck = (running, wanted) =>
  running.scheduling === wanted.scheduling ? undefined : `scheduling ${running.scheduling} is not ${wanted.scheduling}`;

const partIsMissing: DriftCheck = (running, wanted) => {
  const missing = wanted.parts.find((part) => !running.parts.includes(part));
  return missing && `${missing} is missing`;
};

const templateDiffers: DriftCheck = (running, wanted) =>
  `template ${running.templateHash === '' ? 'unknown' : running.templateHash} is not ${wanted.templateHash}`;

const readableChecks: readonly DriftCheck[] = [
  imageDiffers,
  zoneDiffers,
  resourcesDiffer,
  environmentDiffers,
  schedulingDiffers,
  partIsMissing,
  environmentIsMore,
  templateDiffers,
];

/** A person can change the image of a live Pod; before it was Ready, it was somebody's webhook that named another registry. */
const imageWasChanged: DriftCheck = ({ image, firstReadyImage = image }) =>
  image === firstReadyImage ? undefined : `image ${image} is not ${firstReadyImage}, with which it was first Ready`;

/**
 * The hash of what was asked for decides, the checks explain: API servers and the webhooks of others rewrite Pods (`1000m` becomes `1`, a
 * container is added, another registry is named), and such a change is no drift.
 */
export function driftOf(running: PodFacts, wanted: PodFacts): string | undefined {
  if (running.templateHash === wanted.templateHash) return imageWasChanged(running, wanted);
  for (const check of readableChecks) {
    const reason = check(running, wanted);
    if (reason !== undefined) return reason;
  }
  return undefined;
}
