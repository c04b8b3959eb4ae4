module github.com/perennial-billing/perennial/docs/schema/check

go 1.25.0

require (
	github.com/perennial-billing/perennial v0.0.0
	github.com/santhosh-tekuri/jsonschema/v6 v6.0.2
	github.com/stretchr/testify v1.12.1
	pgregory.net/rapid v1.3.0
)

require (
	github.com/google/uuid v1.6.0 // indirect
	github.com/shopspring/decimal v1.6.0 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/text v0.16.0 // indirect
)

replace github.com/perennial-billing/perennial => ../../..
