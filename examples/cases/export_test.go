package cases

// Judge compares an outcome with what a scenario expects, for tests of the runner
// itself: what the engine makes of a story is another matter.
func Judge(c Case, o Outcome) Result {
	a := c.body.(*Scenario).judge(o)
	return Result{ID: c.id, Verdict: a.verdict, Got: a.got, Want: a.want, Reason: a.reason}
}

// Told returns a scenario as it was read, for tests of the defaults.
func Told(c Case) Scenario { return *c.body.(*Scenario) }
