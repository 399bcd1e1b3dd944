/** Largest message between nodes: a request has at most 32 MB, an answer may hold 10,000 points with large payloads. */
export const maxPeerMessageBytes = 512 * 1024 * 1024;
