# The same checks by hand that run on every change. `make` alone prints this help.

GO ?= go
FUZZTIME ?= 1500x
LIVES ?= 1000000
FROM ?= 1

.DEFAULT_GOAL := help

.PHONY: help
help: ## Print this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: check
check: ## Run everything that a change must pass (.ci/run)
	@FUZZTIME=$(FUZZTIME) .ci/run

.PHONY: test
test: ## Run the tests
	$(GO) test ./...

.PHONY: nested
nested: ## Run the tests of the examples that are modules of their own
	@find examples -name go.mod -exec dirname {} \; | sort | while read -r module; do $(GO) test -C $$module ./... || exit 1; done

.PHONY: long
long: ## Play a million random lives, then the properties with many draws; hours
	$(GO) run ./internal/simulation/long -lives $(LIVES) -from $(FROM)
	PERENNIAL_LONG=1 $(GO) test -timeout 60m ./...

.PHONY: bench
bench: ## Run the benchmarks, each beside its baseline
	$(GO) test -run '^$$' -bench . -benchmem ./...

.PHONY: golden
golden: ## Rewrite the golden files, to be read as a diff before they are committed
	UPDATE_GOLDEN=1 $(GO) test ./...
	@UPDATE_GOLDEN=1 $(MAKE) --no-print-directory nested

.PHONY: stories
stories: ## List by feature the random stories that bill otherwise than the kept build did
	PERENNIAL_STORIES=report $(GO) test -count=1 -v -run TestStoriesBillAsBefore ./billing

.PHONY: conformance
conformance: ## Run the conformance cases and list what fails or is not supported
	$(GO) run ./examples/conformance testdata/conformance

.PHONY: next
next: ## Print the next billing dates and amounts of the sample catalog
	$(GO) run ./examples/nextbilling
