/** Which image storage nodes run, and what a person calls it. */
import type { VectorCluster } from '@vectorcluster/crds/vector-cluster.ts';

/** `fallback` is for clusters that name no image; a version alone is a tag beside it. */
export function imageOf({ spec }: VectorCluster, fallback: string): string {
  if (spec.image !== undefined) return spec.image;
  return spec.version === undefined ? fallback : `${repositoryOf(fallback)}:${spec.version}`;
}

/** The tag, or the digest where there is none, or the whole name where there is neither. */
export function versionOfImage(image: string): string {
  const [tagged = '', digest] = image.slice(image.lastIndexOf('/') + 1).split('@');
  return (tagged.split(':')[1] ?? digest ?? tagged).slice(0, 64);
}

/** Without tag and digest; what stands before the last slash may have a port. */
function repositoryOf(image: string): string {
  const name = image.lastIndexOf('/') + 1;
  return image.slice(0, name) + (image.slice(name).split(/[:@]/)[0] ?? '');
}
