module github.com/perennial-billing/perennial/examples/wire

go 1.25.0

require (
	github.com/google/uuid v1.6.0
	github.com/perennial-billing/perennial v0.0.0
	github.com/shopspring/decimal v1.6.0
	github.com/stretchr/testify v1.12.1
	pgregory.net/rapid v1.3.0
)

require (
	github.com/rickb777/date v1.21.1 // indirect
	github.com/rickb777/plural v1.4.2 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
)

replace github.com/perennial-billing/perennial => ../..
