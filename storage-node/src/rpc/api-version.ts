/** What clients read to decide whether they can talk to us: the version of the public API that we serve, not our own. */
export const apiVersion = '1.19.0';
export const apiTitle = 'qdrant - vector search engine';
