/** The call for reports, as HTTP/2 carries it. */
import { identityHeaders, type ClusterIdentity } from '@vectorcluster/proto/cluster-identity-header.ts';
import { ReportService } from '@vectorcluster/proto/gen/vectorcluster/peer/v1/report_pb.ts';

export interface ReportAddress {
  readonly address: string;
  readonly port: number;
  readonly identity: ClusterIdentity;
}

export function authorityOf({ address, port }: ReportAddress): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}

export function headersOf(to: ReportAddress): Readonly<Record<string, string>> {
  return {
    ':method': 'POST',
    ':scheme': 'http',
    ':authority': authorityOf(to),
    ':path': `/${ReportService.typeName}/${ReportService.method.watch.name}`,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...identityHeaders(to.identity),
  };
}
