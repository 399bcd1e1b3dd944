# VectorCluster. `make help` lists the targets.
.DEFAULT_GOAL := help
SHELL := /bin/bash
NODE_BIN := $(CURDIR)/tools/node/node_modules/.bin
export PATH := $(NODE_BIN):$(CURDIR)/node_modules/.bin:$(PATH)
export npm_config_fund := false
export npm_config_audit := false
ADDON := engine/build/engine.node
ADDON_SOURCES := $(wildcard engine/native/*.cc engine/native/*.hpp) engine/native/Makefile
INSTALLED := node_modules/.installed

.PHONY: help
help: ## Lists the targets.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

.PHONY: build
build: $(INSTALLED) $(ADDON) ## Installs Node 24 and the packages, builds the native part.

tools/node/node_modules/.installed: tools/node/package-lock.json
	@tools/check-prerequisites
	@echo "installing Node 24 ..."
	@npm ci --prefix tools/node --ignore-scripts --loglevel=error
	@touch $@

$(INSTALLED): tools/node/node_modules/.installed package-lock.json
	@echo "installing packages (about a minute the first time) ..."
	@npm ci --loglevel=error
	@touch $@

$(ADDON): $(ADDON_SOURCES) $(INSTALLED)
	@echo "building the native engine ..."
	@$(MAKE) --no-print-directory -C engine/native

.PHONY: demo
demo: build ## A cluster on this machine: loads real data, searches it, kills a node, loses nothing.
	@node examples/reverse-dictionary/src/main.ts

.PHONY: up
up: build ## Starts the local cluster and leaves it running.
	@node local-cluster/src/cli/main.ts up

.PHONY: down
down: $(INSTALLED) ## Stops the local cluster.
	@node local-cluster/src/cli/main.ts down

.PHONY: test
test: build ## Compiles and runs all tests that need nothing but this machine.
	@tsc -b
	@vitest run $(VITEST_FLAGS)

.PHONY: model
model: $(INSTALLED) ## Searches everything that can happen to a replicated shard, and breaks each rule; CAP= states, DEPTH= steps, ONLY= name.
	@node storage-node/test/model/main.ts

.PHONY: simulate
simulate: $(INSTALLED) ## Lives of whole clusters from seeds; SEED= SEEDS= STEPS= FAULTS= JOBS= TWICE= KEEP= MUTATION=.
	@node simulation/src/main.ts

.PHONY: simulate-mutations
simulate-mutations: $(INSTALLED) ## Breaks each rule of replication alone and has the simulation find it; writes docs/simulation.md. SEEDS= STEPS= ONLY=.
	@node storage-node/test/simulation/main.ts
	@node simulation/src/mutation-table.ts

.PHONY: chaos
chaos: build ## Faults on a local cluster while clients write and read, and a checked history; MINUTES= SEED= COPIES= SHARDS= ONLY=kinds.
	@node e2e/src/faults/main.ts

.PHONY: bench-replication
bench-replication: build ## What copies cost and how long clients wait when one is lost, beside the goals; PARTS= writes reads hand-over failover catch-up shards.
	@node bench/src/replication.ts $(PARTS)

.PHONY: bench-operator-scale
bench-operator-scale: build ## The operator over CLUSTERS= (1000) VectorClusters: latency, memory, API calls, on the API server with kwok that KUBECONFIG names.
	@node images/src/build.ts operator --program bench/build/operator/main.js
	@node bench/src/operator-scale.ts --operator bench/build/operator/main.js --clusters $(or $(CLUSTERS),1000)

.PHONY: images
images: build ## Builds both container images as OCI archives in .cache/images, without Docker.
	@for image in operator storage-node; do node images/src/build.ts $$image --output .cache/images/$$image.tar || exit 1; done

.PHONY: image-files
image-files: build
	@for image in operator storage-node; do node images/src/build.ts $$image --folder "$(FOLDER)/$$image" || exit 1; done

.PHONY: e2e
e2e: images ## The smoke scenario on a real Kubernetes: the one of KUBECONFIG (LOAD_IMAGE= command that takes an archive), else kind.
	@node e2e/src/kubernetes/main.ts smoke

.PHONY: e2e-all
e2e-all: images ## All scenarios, or SCENARIO=; REQUESTS= for load; RUNS= times each trouble; MACHINES= command that switches machines off (docs/e2e.md).
	@node e2e/src/kubernetes/main.ts $(SCENARIO) $(if $(REQUESTS),--requests $(REQUESTS)) $(if $(RUNS),--runs $(RUNS))

.PHONY: test-kubernetes
test-kubernetes: build ## Runs the Kubernetes suites, also against the kube-apiserver in KUBEBUILDER_ASSETS.
	@test -x "$(KUBEBUILDER_ASSETS)/kube-apiserver" || (echo 'KUBEBUILDER_ASSETS names no folder with etcd and kube-apiserver' >&2 && exit 1)
	@vitest run --project kubernetes $(VITEST_FLAGS)

.PHONY: lint
lint: $(INSTALLED) ## Lints, checks the format, looks for dead code.
	@tsc -b
	@oxlint crds proto kube engine storage-node operator local-cluster examples e2e bench simulation charts gitops images tools
	@oxfmt --check .
	@knip

.PHONY: format
format: $(INSTALLED) ## Formats the sources.
	@oxfmt .

.PHONY: generate
generate: $(INSTALLED) ## Regenerates CRDs, the chart's files, what Argo CD is told and protobuf code.
	@node crds/src/generate.ts
	@node charts/src/generate.ts
	@node gitops/src/generate.ts
	@buf generate proto

.PHONY: verify
verify: generate ## Fails when generated files are not up to date.
	@git diff --exit-code -- crds/generated charts/vectorcluster deploy gitops/argocd proto/gen || (echo 'generated files differ: commit the result of make generate' && exit 1)
