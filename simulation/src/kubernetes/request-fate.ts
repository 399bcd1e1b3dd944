/** What becomes of a request to the API server on its way. `late`: it arrives long after the client gave up. */
export const requestFates = ['lost', 'late', 'not answered'] as const;

export type RequestFate = (typeof requestFates)[number];
