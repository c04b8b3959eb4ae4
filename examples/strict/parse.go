package strict

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/perennial-billing/perennial/fault"
)

// Limits bound a document. The zero value of each field means its default.
type Limits struct {
	// Size is the largest document in bytes; by default 1 MiB.
	Size int
	// Faults is how many faults are listed before a last one says that there are more; by
	// default 1,000.
	Faults int
}

// maxDepth is how deep arrays and objects may be nested.
const maxDepth = 32

func (l Limits) withDefaults() Limits {
	if l.Size <= 0 {
		l.Size = 1 << 20
	}
	if l.Faults <= 0 {
		l.Faults = 1000
	}
	return l
}

var (
	errRepeated  = fault.Duplicate.Errorf("repeated")
	errSurrogate = fault.BadText.Errorf("must not hold half of a surrogate pair")
	errUTF8      = fault.BadText.Errorf("must be valid UTF-8")
)

// Parse reads one JSON document within the limits. With no faults the Node is the
// document. With faults it is the document without what was at fault, so that more can be
// found by decoding it, or the zero Node if the document cannot be read to its end.
func Parse(data []byte, limits Limits) (Node, []Fault) {
	limits = limits.withDefaults()
	if len(data) > limits.Size {
		return Node{}, []Fault{{Err: fault.TooLong.Errorf("must not be longer than %d bytes", limits.Size)}}
	}
	if !utf8.Valid(data) {
		return Node{}, []Fault{{Err: errUTF8}}
	}
	var whole json.RawMessage
	if err := json.Unmarshal(data, &whole); err != nil {
		return Node{}, []Fault{{Err: located(data, err)}}
	}
	p := parser{data: data, decoder: json.NewDecoder(bytes.NewReader(data))}
	p.decoder.UseNumber()
	root, err := p.value("", "", 0)
	if err != nil {
		return Node{}, []Fault{{Err: located(data, err)}}
	}
	return root, ordered(p.faults, limits.Faults)
}

// located says at which line and column a document cannot be read on.
func located(data []byte, err error) error {
	at := int64(len(data))
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		at = max(0, syntax.Offset-1)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || strings.Contains(err.Error(), "unexpected end") {
		at = int64(len(data))
	}
	before := data[:min(at, int64(len(data)))]
	line := bytes.Count(before, []byte("\n")) + 1
	column := utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
	return fault.Malformed.Errorf("line %d, column %d: %v", line, column, err)
}

// parser reads a document whose syntax is valid.
type parser struct {
	data    []byte
	decoder *json.Decoder
	faults  []Fault
}

// next returns the next token and where it begins.
func (p *parser) next() (json.Token, int, error) {
	from := int(p.decoder.InputOffset())
	token, err := p.decoder.Token()
	from += len(p.data[from:]) - len(bytes.TrimLeft(p.data[from:], " \t\r\n,:"))
	return token, from, err
}

// value reads the value at a place.
func (p *parser) value(path, name string, depth int) (Node, error) {
	token, from, err := p.next()
	if err != nil {
		return Node{}, err
	}
	v := &value{kind: Null, path: path, name: name, offset: from}
	n := Node{v}
	switch token := token.(type) {
	case string:
		v.kind, v.text = String, token
		p.checkText(n, token, from)
	case json.Number:
		v.kind, v.text = Number, token.String()
	case bool:
		v.kind, v.text = Bool, fmt.Sprint(token)
	case json.Delim:
		if depth == maxDepth {
			return n, fmt.Errorf("nested deeper than %d", maxDepth)
		}
		v.kind = Array
		if token == '{' {
			v.kind = Object
		}
		if err := p.kids(n, depth+1); err != nil {
			return n, err
		}
	}
	v.raw = p.data[from:p.decoder.InputOffset():p.decoder.InputOffset()]
	return n, nil
}

// checkText reports a string that holds half of a surrogate pair, which the decoder
// replaces.
func (p *parser) checkText(n Node, text string, from int) {
	if p.replaced(text, from) {
		p.faults = append(p.faults, n.Fault(errSurrogate))
	}
}

func (p *parser) replaced(text string, from int) bool {
	const mark = string(utf8.RuneError)
	if !strings.Contains(text, mark) {
		return false
	}
	raw := strings.ToLower(string(p.data[from:p.decoder.InputOffset()]))
	return strings.Count(text, mark) > strings.Count(raw, mark)+strings.Count(raw, `\ufffd`)
}

// kids reads what an array or an object holds, with its end. Of members with one name the
// first is kept.
func (p *parser) kids(n Node, depth int) error {
	seen := map[string]bool{}
	for i := 0; p.decoder.More(); i++ {
		path, name := Index(n.v.path, i), ""
		keep := true
		if n.v.kind == Object {
			token, from, err := p.next()
			if err != nil {
				return err
			}
			name, _ = token.(string)
			path = Key(n.v.path, name)
			switch {
			case p.replaced(name, from):
				p.faults = append(p.faults, Fault{Path: n.v.path, Err: fmt.Errorf("a name %w", errSurrogate), offset: from + 1})
				keep = false
			case seen[name]:
				p.faults = append(p.faults, Fault{Path: path, Err: errRepeated, offset: from + 1})
				keep = false
			}
			seen[name] = true
		}
		known := len(p.faults)
		kid, err := p.value(path, name, depth)
		if err != nil {
			return err
		}
		if !keep {
			p.faults = p.faults[:known] // what is under such a name has no path of its own
			continue
		}
		n.v.kids = append(n.v.kids, kid)
	}
	_, _, err := p.next()
	return err
}
