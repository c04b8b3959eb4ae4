package strictjson

import (
	"unicode/utf16"
	"unicode/utf8"

	"github.com/perennial-billing/perennial/fault"
)

var (
	errUTF8      = fault.BadText.Errorf("must be valid UTF-8")
	errSurrogate = fault.BadText.Errorf("must not hold half of a surrogate pair")
)

func (p *parser) str(i int32) bool {
	p.values[i].kind = String
	text, err, ok := p.quoted(p.limits.StringLen)
	if err != nil {
		p.fault(Node{p.document, i}.Fault(err))
	}
	if ok && p.text[p.values[i].start+1:p.pos-1] != text {
		if p.texts == nil {
			p.texts = map[int32]string{}
		}
		p.values[i].escaped = true
		p.texts[i] = text
	}
	return ok
}

// quoted reads a string. It returns false when the document cannot be read on,
// and an error for a string that ends but is not acceptable.
func (p *parser) quoted(limit int) (text string, err error, ok bool) {
	start := p.pos + 1
	for p.pos++; ; p.pos++ {
		if p.pos >= len(p.data) {
			p.unexpected("a closing quote")
			return "", nil, false
		}
		switch c := p.data[p.pos]; {
		case c == '"':
			text := p.text[start:p.pos]
			p.pos++
			if !p.plain && !utf8.ValidString(text) {
				return "", errUTF8, true
			}
			return checked(text, limit)
		case c == '\\':
			return p.escaped(start, limit)
		case c < ' ':
			p.unexpected("a character of a string")
			return "", nil, false
		}
	}
}

func checked(text string, limit int) (string, error, bool) {
	if len(text) > limit {
		return "", fault.TooLong.Errorf("must not be longer than %d bytes", limit), true
	}
	return text, nil, true
}

// escaped reads a string that began at start and has its first escape at the
// current place.
func (p *parser) escaped(start, limit int) (text string, err error, ok bool) {
	buf := append([]byte(nil), p.data[start:p.pos]...)
	for p.pos < len(p.data) {
		c := p.data[p.pos]
		switch {
		case c == '"':
			p.pos++
			if err != nil {
				return "", err, true
			}
			if !utf8.Valid(buf) {
				return "", errUTF8, true
			}
			return checked(string(buf), limit)
		case c < ' ':
			p.unexpected("a character of a string")
			return "", nil, false
		case c != '\\':
			buf = append(buf, c)
			p.pos++
			continue
		}
		p.pos++
		if p.peek() != 'u' {
			b, known := escapes[p.peek()]
			if !known {
				p.unexpected("an escape")
				return "", nil, false
			}
			buf = append(buf, b)
			p.pos++
			continue
		}
		r, whole, ok := p.unicode()
		if !ok {
			return "", nil, false
		}
		if !whole {
			err = errSurrogate
		}
		buf = utf8.AppendRune(buf, r)
	}
	p.unexpected("a closing quote")
	return "", nil, false
}

// escapes are the one-letter escapes. The map is never written to.
var escapes = map[byte]byte{
	'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t',
}

// unicode reads the letter u and its digits, and the other half of a surrogate
// pair. It reports a half alone as not whole.
func (p *parser) unicode() (r rune, whole, ok bool) {
	first, ok := p.hex()
	if !ok || !utf16.IsSurrogate(first) {
		return first, true, ok
	}
	if p.pos+1 < len(p.data) && p.data[p.pos] == '\\' && p.data[p.pos+1] == 'u' {
		back := p.pos
		p.pos++
		second, ok := p.hex()
		if !ok {
			return 0, false, false
		}
		if r := utf16.DecodeRune(first, second); r != utf8.RuneError {
			return r, true, true
		}
		p.pos = back
	}
	return utf8.RuneError, false, true
}

// hex reads the letter u and four hexadecimal digits.
func (p *parser) hex() (rune, bool) {
	var r rune
	for range 4 {
		p.pos++
		c := p.peek()
		switch {
		case '0' <= c && c <= '9':
			r = r<<4 | rune(c-'0')
		case 'a' <= c && c <= 'f':
			r = r<<4 | rune(c-'a'+10)
		case 'A' <= c && c <= 'F':
			r = r<<4 | rune(c-'A'+10)
		default:
			p.unexpected("a hexadecimal digit")
			return 0, false
		}
	}
	p.pos++
	return r, true
}
