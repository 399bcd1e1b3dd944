import { defineConfig } from 'vitest/config';

/**
 * unit: pure, no sockets. integration: real disks, sockets and processes. kubernetes: the same suite on the embedded API server and,
 * when KUBEBUILDER_ASSETS names a folder with etcd and kube-apiserver, on a real one.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['*/src/**/*.test.ts', '*/test/**/*.test.ts', 'tools/**/*.test.ts', 'examples/*/src/**/*.test.ts'],
          exclude: ['**/*.integration.test.ts', '**/*.kubernetes.test.ts', '**/node_modules/**', '**/build/**'],
          // Only a test that hangs may run into it, however busy the machine is.
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['**/*.integration.test.ts'],
          exclude: ['**/node_modules/**', '**/build/**'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'kubernetes',
          include: ['**/*.kubernetes.test.ts'],
          exclude: ['**/node_modules/**', '**/build/**'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
