/** Laid out as Argo CD lays out its own customizations; `_` stands for every kind of the group. */
const group = new URL('../../argocd/resource_customizations/vectorcluster.io/', import.meta.url);

export const healthFolder = new URL('_/', group);
export const actionsFolder = new URL('VectorCluster/actions/', group);
