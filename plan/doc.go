// Package plan defines what is sold: plans, their charges and prices, and the catalog that holds
// them.
//
// # What it is
//
// A [Plan] is a definition: a struct with exported fields, written by people, in Go or as JSON. It
// has [Charge]s with a [Price] each, and says how often it bills, in which currency, with which
// trial, phases and length, what it grants, what may be done to its subscriptions ([Rules]) and
// which choices billing makes ([Policy]). [Compile] checks all of it and makes a [Version]: an
// immutable value that shares nothing with the definition, whose compiled prices rate a quantity in
// a few nanoseconds. A [Catalog] holds versions with the dates from which they apply.
//
// The package knows nothing about customers: neither dates of a subscription nor quantities.
// Definitions can be copied freely; versions, compiled prices and catalogs are safe for concurrent
// use.
//
// # Rules for plans
//
//   - A plan has an id and a version number. The two make a [Ref], "pro@3", which is
//     what a subscription stores.
//   - A plan whose Every is zero never recurs: nothing is billed by itself.
//   - A charge recurs in every period, in advance or in arrears, or is due once, at the first
//     billing, in advance. Its quantity is metered usage if it names a metric, otherwise its fixed
//     quantity if it has one, otherwise the subscription's own.
//   - Usage is rated in arrears. The records of a period become one quantity by the
//     [Aggregation] of the metric; a metric that the plan does not declare is summed. See
//     the rules for usage.
//   - Phases follow each other in order, from the end of the trial; after the last one the charges
//     of the plan itself apply, without end. A phase without an interval has the plan's. A charge
//     with the same id in several phases is one charge.
//   - A length is a number of cycles, counted from the end of the trial, or an
//     interval, counted from there or from the start.
//   - An omitted permission is [Anyone]. [Nobody] binds operators too.
//
// # Rules for charges with an interval of their own
//
//   - A charge may bill by another interval than its plan (Charge.Every): a yearly fee in a
//     monthly plan, or usage by the month in a yearly one. Without one it bills by that of its
//     phase. All boundaries are counted from the subscription's one anchor.
//   - The period of the subscription remains that of the plan: "at the end of the period",
//     cycles, lengths, phases, the cycles of discounts and of attachments count it. What a
//     charge bills and credits, and the denominator of its parts, follow its own period; so do
//     the minimum, the maximum, free units and the count of usage.
//   - Of the intervals of a phase, its own included, of any two one is a whole number of the
//     other: days and weeks, or months and years. All charges of a phase that rate one metric
//     have one interval. A charge that is due once has none, and nothing recurs in a plan
//     without Every. Anything else is a fault of the charge's "every".
//   - Charges of an add-on may have intervals of their own, too. It fits a plan if they fit those
//     of the plan ([CompiledAddOn.Fits]), and can be attached if they fit those of what is
//     attached.
//   - An interval that is as long as the phase's is the phase's: P12M in a yearly plan.
//
// # Rules for prices of a shorter interval
//
//   - A price may be for a shorter interval than its charge bills by (Charge.PriceEvery): 100.00 a
//     month, billed by the quarter. The interval by which the charge bills is a whole number of it; if
//     it is as long it says nothing.
//   - Its periods hang from the same anchor, and each has a line of its own, in advance and in
//     arrears. The amount, the minimum and the maximum of the price are those of such a period; a
//     part of one counts its own days, so that a quarter that begins on 8 May costs 24/31 of a month
//     and June. Credits are of each line. A first part that is charged full costs a whole amount for
//     the part of its first period.
//   - Usage has none: it is rated over the time in which it is counted, which is that by which it is
//     billed. A minimum of a plan, cycles, phases and endings go by the interval of the plan.
//
// # Rules for usage that is counted over a term
//
//   - A metered charge may count its usage over a term that is longer than a bill
//     (Charge.CountOver): tiers of a year that are billed by the month. Each bill owes the price of
//     all units of the term so far, less that of the units before it, each bill rounded once. Free
//     units, limits of tiers, flat amounts and what is due at zero are those of the term.
//   - Terms lie on the grid of the anchor, as the periods of a charge with that interval would. So
//     the term is a whole number of the interval by which the charge bills, two or more, and fits
//     all intervals of the phase.
//   - It is for sums and for numbers of records, by dimensions too. A price of single events, or
//     with a minimum or a maximum, is of a period ([ErrCountOver]). A plan with thresholds has none.
//
// # Rules for currencies
//
//   - A plan is sold in its own currency, and in others that it names (Currencies), in each of
//     which every charge has a price (Prices). A price that is missing is a fault of the plan.
//   - A [Version] is of one currency: Compile and a catalog return that of the plan's own, and
//     [Version.In] the same version in another. A subscription is sold in one of them, for good;
//     plans and add-ons that it takes on later are taken in that one.
//   - To change the currency of a subscription, end it and sell anew.
//
// # Rules for usage
//
// The records of a period, or of a part of one, become one quantity:
//
//   - [Sum] adds their quantities, [Max] takes the largest and [Last] the latest; of records of
//     one instant, the one given last.
//   - [RecordCount] is how many there are, whatever their quantities.
//   - [UniqueCount] is how many distinct keys are present at the end. A record above zero makes
//     its key present, one of -1 removes it, and removing a key that is not present changes
//     nothing. Each period starts with none.
//   - [Average] is the sum of the quantities divided by the number of records; 0 of none.
//   - [WeightedSum] is the integral of a level over time, from instant to instant, divided by the
//     length of the whole period: of the grid's, or of a first period that is charged whole or
//     not at all.
//   - [TimeAverage] is the same integral, divided by the length of time that was billed.
//
// The records of a level say it ([ReadLevel]), or what is added to it ([ReadChange]); those of one
// instant count in the order in which they are given. At the start of a period the level is 0, or
// with Metric.Carry what it was last, records of a trial or a pause included. What cuts a period, as
// another price, does not end the level. A level may be below zero, and is never raised to it; a
// quantity below zero cannot be rated ([ErrNegativeQuantity]). Lengths are exact, to the
// microsecond, whatever the basis of the policy.
//
// The quantity is a fraction, and is rated as one: only the amount is rounded. Under one price the
// parts of a period have one count, which tiers, free units and packages see as one: a number of
// records and a weighted sum add up, a key counts once, and a mean is that of all parts together.
// Another price has its own. With [CountAcross] it goes on from what was counted before it;
// [Average] and [TimeAverage] do not, since means do not add up. So every model of price can rate
// every aggregation, with one exception: a price of single events rates a sum.
//
// Not carried are keys: what is present would have to be remembered of every customer. Units are
// not rounded or converted, and a level counts by instants, not by days.
//
// A [Matrix] chooses the price by the values that a record has of the properties that it names; a
// property that is not there has the empty value. Every combination of values is counted and priced
// by itself, as if it were a charge with a metric of its own: its tiers and free units count its own
// usage, its bounds are its own. A combination that nothing was used of costs nothing, also no
// minimum. One that has no row has the price Default, each such combination by itself; without a
// Default its usage is refused ([ErrNoRow]). There are no rows for "any value". Two tables have the
// same price for a combination if their rows for it are equal, so that a change of one row begins
// no count anew but that of its combination. A level by dimensions cannot be carried.
//
// # Rules for add-ons
//
//   - An [AddOn] is sold beside a plan. It has an id and a version of its own, charges and
//     features, and bills by the periods of the plan. [CompileAddOn] and a [Catalog] compile it.
//   - It fits the plans of its currencies: those that it names, if it names any, and those whose
//     interval its prices are for, if it says which ([CompiledAddOn.Fits]).
//   - A charge without a metric and a quantity of its own takes the quantity of the attachment,
//     which the add-on may bound. A charge that is due once is due when it is attached.
//
// # Rules for minimums
//
//   - A [Minimum] is an amount that every period of the plan comes to. What its lines lack of it
//     is billed when the period ends, as one line more, the true-up. A subscription may have one of
//     its own instead, which ends with its plan; one of zero is none.
//   - All recurring charges, those of add-ons too, and usage count towards it, or usage alone, or the
//     charges that it lists. One-time charges and one-offs do not.
//   - A part of a period owes its share, by the basis of the policy, or all of it ([PartWhole]).
//   - Lines count before discounts, or less their discounts ([DiscountBefore]). The true-up has no
//     discount of its own, unless the minimum says so.
//   - An overage factor charges more for what exceeds the minimum: with 1.5 half of the excess is
//     added, as a line of its own.
//   - Over several periods (Cycles, or an Interval of so many) the amount is a commitment for a term,
//     trued up at its end, or in instalments; an early end owes the share of it that was lived, or all
//     of it.
//   - All periods of the plan have one length: a phase with another interval is a fault. So is a charge
//     with an interval of its own: what it bills is of no one period that could lack of the minimum.
//
// # Rules for spend caps
//
//   - A [SpendCap] is an amount that usage comes to at most in a period of the plan: what exceeds it
//     is not billed ([OverNotBilled]), or is billed and reported ([OverReported], the default).
//   - All usage counts, that of add-ons too, or that of the charges that it lists; before discounts
//     and tax. Fees do not.
//   - It is the cap of every period, also of one that is cut or begins late. Parts of one period share
//     it, and where another plan follows in it, what was billed by then fills the other one's.
//   - What it counts bills by the periods of the plan, which are of one length: usage with an
//     interval of its own, and a phase with another one, are faults.
//   - A minimum counts usage as it is billed, under the cap. Thresholds count it as if there were none.
//
// # Rules for increases
//
//   - By an [Increase] the prices of a plan rise by a percentage, year by year or by another
//     interval, each time from what they are, at the beginning of a period of the plan. See there
//     for when the count begins, what it rounds to, and which prices it leaves alone.
//   - A price that was negotiated rises as well, unless the increase keeps it.
//   - What all increases together make must be prices: a plan whose prices would grow beyond that
//     is a fault of Times, and so are more than 100,000 amounts, each counted as often as it rises.
//
// # Rules for choices
//
// Every field of a [Policy] may be omitted. A call's policy takes precedence over the plan's, and
// the plan's over [DefaultPolicy], field by field ([Policy.Or]). The defaults:
//
//	basis           day             change_anchor   keep
//	change_day      new             resume_anchor   keep
//	change_credit   prorate         first_period    prorate
//	cancel_credit   none            rounding        half_up
//	pause_credit    none            negative        carry
//	credit_basis    billed          discount_split  proportion
//	charge_new      prorate         zero_invoices   omit
//	collect         now             tax_rounding    line
//	usage_bounds    share           usage_count     per_price
//	change_add_ons  keep            change_prices   drop
//	period_end      plan
//
// The rule for month ends belongs to the plan: clamp unless it says last_day.
//
// # Rules for prices
//
// A price turns a quantity into an amount, for one whole period. There are nine kinds:
//
//   - [PerUnit]: every unit costs the same; free units are subtracted first.
//   - [FlatFee]: the quantity does not matter.
//   - [Volume]: all units at the tier that holds the quantity, plus its flat amount.
//   - [Tiered]: each unit in its own tier, plus the flat amount of each tier entered.
//   - [Package]: started packages.
//   - [Stairstep]: one amount for the step that holds the quantity.
//   - [Percentage]: a share of an amount of money, which is the quantity; or of single events, as
//     payments, with a fee for each, free ones, and bounds.
//   - [GraduatedPercentage]: each part of an amount of money at the rate of its own tier, plus the
//     flat amount of each tier entered.
//   - [Matrix]: a table of other prices by named properties of the usage, as region and size.
//
// A tier's UpTo is inclusive and may be a fraction; it begins above the end of the tier before. The
// last tier is open unless the price is closed, and then a quantity above it is [ErrNoTier]. Free
// units are subtracted before a tier is chosen. For a quantity of zero the first tier's flat
// amount, or the first step, is due, unless the price says that zero is free. Minimum and maximum
// bound the amount of the whole period, and apply before proration. Quantities are never negative
// ([ErrNegativeQuantity]); an event may be, which is then a refund.
//
// [CompilePrice] compiles a price into a [CompiledPrice]. [CompiledPrice.Exact] returns the exact
// amount; [CompiledPrice.Rate] and [CompiledPrice.RatePart] round it; [CompiledPrice.Explain] says
// how it was computed. Of a price that rates single events ([CompiledPrice.RatesEvents]) these
// return [ErrEvents]: [CompiledPrice.RateEvents] rates the events of a period in their order, and
// [CompiledPrice.ExplainEvents] says what they cost and how that was computed. A [Matrix] returns
// [ErrDimensions]: [CompiledPrice.ByValues] returns the price of a combination.
//
// # Rules for catalogs
//
//   - A version is for sale from its AvailableFrom until a newer version is for sale, or until its
//     AvailableUntil ([Catalog.Current]). A newer version is not for sale before an older one.
//   - A subscription keeps the version it was sold under, which [Catalog.Lookup] always finds,
//     until a newer version names an instant from which it applies to existing subscriptions
//     ([Catalog.Existing], [Catalog.Moves]). Such a version has the currency of the earlier ones.
//     Follow of package subscription moves a subscription, at a boundary.
//   - A product that a plan names, and a plan that an offering or an add-on names, must be in the
//     catalog. [Catalog.AddOn] finds an add-on, [Catalog.AddOns] those that a plan is sold with.
//
// # Rules for credit packs
//
// A pack is sold for one amount of money ([Version.PackPrice]) and grants a number of credits
// ([CreditPack.Grant]), which expire ValidFor after the purchase, by the calendar. With ExtendsPaid
// every purchase moves the expiry of all paid credits in the balance to its own, if that is later.
// Package feature keeps the balance and knows no prices; package subscription sells the packs and
// connects the two.
//
// # Rounding
//
// Prices, quantities and percentages are decimals, and stay exact in every operation. Rounding
// happens once, when a [CompiledPrice] or a [CreditPack] returns an amount of money, in the mode
// that the caller or the plan's policy names. The savings of a pack are its rounded list price less
// its rounded price, so that the three add up; percentages for display are rounded to whole
// percent, halves away from zero.
//
// # Boundaries
//
// Instants have microseconds; finer digits are dropped, towards the past. They are half-open: a
// version is for sale at its AvailableFrom and not at its AvailableUntil,
// and at a trial's Until the trial is over. Equal compares instants regardless of their zones;
// encoding writes UTC. The bounds of definitions are constants of the package (MaxCharges,
// MaxTiers, …); decimals have at most 40 significant digits, 20 decimal places and 30 digits before
// the point.
//
// # Errors
//
// Validate, Compile, the decoders and [NewCatalog] report all faults at once (up to a
// thousand), each a [*fault.FieldError] with the path of the field in JSON, joined in the
// order of the fields:
//
//	charges[2].price.tiers[1].up_to: must exceed 10
//
// [fault.Faults] returns them one by one. [ErrNoTier] and [ErrNegativeQuantity] say what a price
// cannot rate; [ErrNotFound] says what a catalog does not contain, and [*MissingError] names it.
// Amounts that do not fit are money.ErrOverflow. Only the functions whose names begin with Must
// panic.
//
// # JSON
//
// Names are snake_case, decimals are strings ("0.0299"), intervals ISO 8601 ("P1M"), instants RFC
// 3339 in UTC. A price is a tagged union on "model". An omitted field has its zero value. A plan:
//
//	{
//	  "id": "team", "version": 1, "currency": "USD", "every": "P1M",
//	  "charges": [
//	    {"id": "base", "price": {"model": "flat_fee", "amount": "30.15"}},
//	    {"id": "seats", "price": {"model": "per_unit", "unit_amount": "12"}},
//	    {"id": "calls", "metric": "api_calls", "price": {"model": "tiered", "tiers": [
//	      {"up_to": "1000", "unit_amount": "0"},
//	      {"unit_amount": "0.0299"}
//	    ]}}
//	  ],
//	  "trial": {"length": "P14D"},
//	  "policy": {"cancel_credit": "prorate"}
//	}
//
// and a catalog:
//
//	{
//	  "products": [{"code": "pci", "name": "PCI scanning"}],
//	  "plans": [{"plan": {…}, "available_from": "2026-01-01T00:00:00Z"}],
//	  "offerings": [{"id": "web", "plans": ["team@1"]}]
//	}
//
// Decoding is strict: names in exact case and once, no unknown names, no unknown words, nothing
// after the document; and it validates. A value that cannot be decoded is not also reported as
// missing. Encoding an invalid definition is an error, and so is a document larger than the decoder
// reads. Versions and compiled prices have no JSON.
package plan
