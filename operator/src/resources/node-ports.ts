/** Where nodes talk to each other and to the operator. */
export const peerPort = 6335;

/** Ports of a storage node; the names are what Services refer to. */
export const nodePorts = [
  { name: 'rest', port: 6333 },
  { name: 'grpc', port: 6334 },
  { name: 'peer', port: peerPort },
  { name: 'metrics', port: 9090 },
] as const;

export const probePort = 9090;
