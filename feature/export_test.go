package feature

import "github.com/perennial-billing/perennial/internal/strictjson"

// Shapes returns what the codecs of documents accept, by the names of their schemas.
func Shapes() map[string]*strictjson.Shape {
	return map[string]*strictjson.Shape{
		"features": setCodec.Shape(), "overrides": overridesCodec.Shape(), "entitlement": entitlementCodec.Shape(),
		"quota_usage": usageCodec.Shape(), "credits": wholeCredits.Shape(), "seats": seatsCodec.Shape(), "change_budget": wholeBudget.Shape(),
		"credit_targets": creditTargetsCodec.Shape(), "credit_grant": creditGrantCodec.Shape(),
	}
}
