package plan

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/strictjson"
)

// DecodePrice reads a price from JSON, as [json.Marshal] writes one: an object whose "model" says
// which other fields it may have. Numbers are strings in plain notation ("0.0299", no exponent).
// Fields that the model does not have, fields named twice and unknown words are faults, and so is
// everything that [Price.Validate] refuses. The error joins a [*fault.FieldError] for every fault.
func DecodePrice(data []byte) (Price, error) {
	var price Price
	faults := anyPrice.Read(data, &price, strictjson.Limits{})
	if len(faults) == 0 {
		return price, nil
	}
	return nil, strictjson.JoinErrors(strictjson.FieldErrors(faults))
}

// anyPrice reads and writes a price of any model.
var anyPrice = strictjson.Custom(priceShape, readPrice, writePrice, nil)

var priceShape = &strictjson.Shape{Kind: strictjson.ChoiceShape, Choices: append(slices.Clone(plainShape.Choices), matrixCodec.Shape())}

// plainShape is that of the prices that are no table of others.
var plainShape = &strictjson.Shape{Kind: strictjson.ChoiceShape, Choices: []*strictjson.Shape{
	perUnitCodec.Shape(), flatFeeCodec.Shape(), volumeCodec.Shape(), tieredCodec.Shape(), packageCodec.Shape(), stairstepCodec.Shape(),
	percentageCodec.Shape(), graduatedCodec.Shape(),
}}

// writePrice refuses an invalid price and a missing one.
func writePrice(dst []byte, p *Price) ([]byte, error) {
	if err := strictjson.JoinErrors(checkPrice(*p, "")); err != nil {
		return dst, err
	}
	return (*p).appendTo(dst)
}

// readPrice reads the price at the node, or reports all its faults.
func readPrice(n strictjson.Node, to *Price, r *strictjson.Report) {
	switch model, ok := readModel(n, r); {
	case !ok:
	case model == MatrixModel:
		readForm(n, &matrixForm{}, matrixCodec, (*matrixForm).price, to, r)
	default:
		readModelled(n, model, to, r)
	}
}

// readPlain is readPrice without tables.
func readPlain(n strictjson.Node, to *Price, r *strictjson.Report) {
	switch model, ok := readModel(n, r); {
	case !ok:
	case model == MatrixModel:
		tag, _ := n.Field("model")
		r.Add(tag, fault.Inconsistent.Errorf("must not be a matrix"))
	default:
		readModelled(n, model, to, r)
	}
}

// readModel reads which price an object is.
func readModel(n strictjson.Node, r *strictjson.Report) (model Model, ok bool) {
	if n.Kind() != strictjson.Object {
		r.Add(n, fault.WrongType.Errorf("must be an object"))
		return "", false
	}
	tag, found := n.Field("model")
	if !found {
		r.Missing(n, "model")
		return "", false
	}
	var word string // not a Model, whose own error would repeat the package's name
	before := r.Len()
	if modelText.ReadNode(tag, &word, r); r.Len() > before {
		return "", false
	}
	model = Model(word)
	if what, models := model.vocabulary(); !slices.Contains(models, model) {
		r.Add(tag, unknownWord(model, models, what))
		return "", false
	}
	return model, true
}

// readModelled reads a price of a model other than a matrix.
func readModelled(n strictjson.Node, model Model, to *Price, r *strictjson.Report) {
	switch model {
	case PerUnitModel:
		readForm(n, &perUnitForm{}, perUnitCodec, (*perUnitForm).price, to, r)
	case FlatFeeModel:
		readForm(n, &flatFeeForm{}, flatFeeCodec, (*flatFeeForm).price, to, r)
	case VolumeModel:
		readForm(n, &tiersForm{}, volumeCodec, (*tiersForm).volume, to, r)
	case TieredModel:
		readForm(n, &tiersForm{}, tieredCodec, (*tiersForm).tiered, to, r)
	case PackageModel:
		readForm(n, &packageForm{}, packageCodec, (*packageForm).price, to, r)
	case StairstepModel:
		readForm(n, &stairstepForm{}, stairstepCodec, (*stairstepForm).price, to, r)
	case PercentageModel:
		readForm(n, &percentageForm{}, percentageCodec, (*percentageForm).price, to, r)
	case GraduatedPercentageModel:
		readForm(n, &graduatedForm{}, graduatedCodec, (*graduatedForm).price, to, r)
	case MatrixModel: // see readPrice
	}
}

var modelText = strictjson.Text[string]()

// readForm reads the form of a model, and reports what is wrong with the price that it
// makes. What could not be read is not also missing, and what is missing is not also
// wrong.
func readForm[F any, P interface {
	*F
	priceForm
}](n strictjson.Node, form P, c strictjson.Codec[F], price func(P) Price, to *Price, r *strictjson.Report) {
	before := r.Len()
	c.ReadNode(n, form, r)
	seen := r.Paths(before)
	report := func(path string, err error) {
		if f := faultAt(n, path, err); !seen[f.Path] && !(errors.Is(err, errMissing) && holdsAny(seen, f.Path)) {
			seen[f.Path] = true
			r.Fault(f)
		}
	}
	form.check(report)
	made := price(form)
	for _, f := range checkPrice(made, "") {
		report(f.Path, f.Err)
	}
	if r.Len() == before {
		*to = made
	}
}

// holdsAny reports whether a value at the path was there and had faults.
func holdsAny(seen map[string]bool, path string) bool {
	for p := range seen {
		if strings.HasPrefix(p, path+".") || strings.HasPrefix(p, path+"[") {
			return true
		}
	}
	return false
}

// faultAt places a fault at the deepest value that the path leads to, which keeps faults in the order
// of the document.
func faultAt(n strictjson.Node, path string, err error) strictjson.Fault {
	rest := path
	for rest != "" {
		name, tail, _ := strings.Cut(rest, ".")
		name, index, indexed := strings.Cut(name, "[")
		next, ok := n.Field(name)
		if !ok {
			break
		}
		if indexed {
			elems := next.Elems()
			i, bad := strconv.Atoi(strings.TrimSuffix(index, "]"))
			if bad != nil || i >= len(elems) {
				break
			}
			next = elems[i]
		}
		n, rest = next, tail
	}
	return n.Below([]strictjson.Fault{{Path: rest, Err: err}})[0]
}

// decimalOf is always written, optional only if it is not zero; number reads either.
func decimalOf(d decimal.Decimal) *decimal.Decimal { return &d }

func optional(d decimal.Decimal) *decimal.Decimal {
	if d.IsZero() {
		return nil
	}
	return decimalOf(d)
}

func number(d *decimal.Decimal) decimal.Decimal {
	if d == nil {
		return decimal.Decimal{}
	}
	return *d
}

// encodePrice refuses a price that DecodePrice would refuse.
func encodePrice(p Price) ([]byte, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	return p.appendTo(nil)
}

// decodeInto reads a price that must be of the kind that the target has.
func decodeInto[P Price](data []byte, target *P) error {
	price, err := DecodePrice(data)
	if err != nil {
		return err
	}
	own, ok := price.(P)
	if !ok {
		var want P
		return fault.At("model", fault.Inconsistent.Errorf("must be %q", string(want.Model())))
	}
	*target = own
	return nil
}
