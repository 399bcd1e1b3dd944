/** Writes what is made of the Lua files and of the CEL expressions; `make verify` fails when that changes anything. */
import { writeFileSync } from 'node:fs';
import { argoConfigMap } from './argocd/config-map.ts';

writeFileSync(new URL('../argocd/argocd-cm.yaml', import.meta.url), argoConfigMap());
