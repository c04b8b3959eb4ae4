package architecture

import (
	"bytes"
	"fmt"
	"go/ast"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// checkNames reports package names that say nothing, and exported names that begin
// with Get.
func (s *source) checkNames() []Fault {
	var faults []Fault
	if name := strings.TrimSuffix(s.ast.Name.Name, "_test"); slices.Contains(drawers, name) {
		faults = append(faults, s.fault(s.ast.Name.Pos(), "package %s: a package is named for what is inside", name))
	}
	if s.test {
		return faults
	}
	report := func(name *ast.Ident) {
		rest, found := strings.CutPrefix(name.Name, "Get")
		first, _ := utf8.DecodeRuneInString(rest)
		if found && (rest == "" || unicode.IsUpper(first)) {
			faults = append(faults, s.fault(name.Pos(), "%s: a name says what it gives, without Get", name.Name))
		}
	}
	for _, decl := range s.ast.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			report(decl.Name)
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					report(spec.Name)
					ast.Inspect(spec.Type, func(node ast.Node) bool {
						if field, ok := node.(*ast.Field); ok {
							for _, name := range field.Names {
								report(name)
							}
						}
						return true
					})
				case *ast.ValueSpec:
					for _, name := range spec.Names {
						report(name)
					}
				}
			}
		}
	}
	return faults
}

// machinePath is an absolute path of somebody's machine, at the start of a word.
var machinePath = regexp.MustCompile(`(?m)(?:^|[\s"'` + "`" + `(=:,\[])((?:/(?:home|Users|root|work|mnt|private|var/folders)/|[A-Z]:\\(?:Users|work)\\)[\w.\\/-]*)`)

// maxComment and maxCode are the widest lines: prose is read by the line, and code is not folded where
// a condition or a row is one thought. Tests have tables whose rows stay whole.
const maxComment, maxCode = 120, 200

// widths reports lines that are too wide. What is preformatted in a comment, such as a document,
// stays as it is, and so does a line that is a text.
func (s *source) widths(text []byte) []Fault {
	var faults []Fault
	for i, line := range strings.Split(string(text), "\n") {
		width, most := utf8.RuneCountInString(line), maxCode
		trimmed := strings.TrimSpace(line)
		comment, isComment := strings.CutPrefix(trimmed, "//")
		switch {
		case isComment:
			if most = maxComment; strings.HasPrefix(comment, "\t") || s.test {
				continue
			}
		case s.test || strings.Contains(trimmed, "`") || strings.HasPrefix(trimmed, "{{"):
			continue
		}
		if width > most {
			faults = append(faults, Fault{File: s.path, Line: i + 1, Message: fmt.Sprintf("is %d columns wide, and may be %d", width, most)})
		}
	}
	return faults
}

// machinePaths reports paths of a machine in a text file: to everybody else they mean
// nothing, or the wrong thing.
func machinePaths(name string, text []byte) []Fault {
	if bytes.IndexByte(text, 0) >= 0 {
		return nil // not a text
	}
	var faults []Fault
	for _, at := range machinePath.FindAllSubmatchIndex(text, -1) {
		faults = append(faults, Fault{
			File:    name,
			Line:    1 + bytes.Count(text[:at[2]], []byte("\n")),
			Message: "names a path of a machine: " + string(text[at[2]:at[3]]),
		})
	}
	return faults
}
