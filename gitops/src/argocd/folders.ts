/** Laid out as Argo CD lays out its own customizations; `_` stands for every kind of the group. */
const customizations = new URL('../../argocd/resource_customizations/', import.meta.url);
const group = new URL('vectorcluster.io/', customizations);

export const healthFolder = new URL('_/', group);
export const actionsFolder = new URL('VectorCluster/actions/', group);
export const applicationHealth = new URL('argoproj.io/Application/health.lua', customizations);
