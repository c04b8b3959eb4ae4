module github.com/perennial-billing/perennial/examples/document

go 1.25.0

require (
	github.com/bojanz/currency v1.4.2
	github.com/perennial-billing/perennial v0.0.0
	github.com/shopspring/decimal v1.6.0
	github.com/stretchr/testify v1.12.1
)

require (
	github.com/cockroachdb/apd/v3 v3.2.1 // indirect
	github.com/google/uuid v1.6.0 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
)

replace github.com/perennial-billing/perennial => ../..
