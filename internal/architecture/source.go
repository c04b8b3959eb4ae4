package architecture

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Fault is a place in the tree that breaks a rule.
type Fault struct {
	File    string // path from the root of the tree
	Line    int    // 0 where the whole file or folder is meant
	Message string
}

// String returns the fault as "file:line: message".
func (f Fault) String() string {
	if f.Line == 0 {
		return f.File + ": " + f.Message
	}
	return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Message)
}

// source is a parsed Go file.
type source struct {
	path    string // from the root of the tree
	folder  string // the folder of the file, "." for the root
	test    bool
	fset    *token.FileSet
	ast     *ast.File
	imports map[string]string // the name in this file -> import path
}

func (s *source) fault(at token.Pos, format string, args ...any) Fault {
	return Fault{File: s.path, Line: s.fset.Position(at).Line, Message: fmt.Sprintf(format, args...)}
}

// imported returns the import path and the name that an expression such as
// time.Now names, if it names something of an imported package.
func (s *source) imported(e ast.Expr) (path, name string, ok bool) {
	selector, isSelector := e.(*ast.SelectorExpr)
	if !isSelector {
		return "", "", false
	}
	ident, isIdent := selector.X.(*ast.Ident)
	if !isIdent || ident.Obj != nil { // an object: something of this file shadows the import
		return "", "", false
	}
	path, ok = s.imports[ident.Name]
	return path, selector.Sel.Name, ok
}

// parse parses one Go file.
func parse(name string, text []byte) (*source, error) {
	s := &source{
		path:    name,
		folder:  path.Dir(name),
		test:    strings.HasSuffix(name, "_test.go"),
		fset:    token.NewFileSet(),
		imports: map[string]string{},
	}
	var err error
	if s.ast, err = parser.ParseFile(s.fset, name, text, parser.ParseComments); err != nil {
		return nil, err
	}
	for _, spec := range s.ast.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		local := path.Base(imported)
		if spec.Name != nil {
			local = spec.Name.Name
		} else if local == "v2" || local == "v3" {
			local = path.Base(path.Dir(imported))
		}
		s.imports[local] = imported
	}
	return s, nil
}

// Check reads the tree of the module and returns every place that breaks a rule,
// in the order of the files. It returns an error for a tree that cannot be read
// or a Go file that does not parse.
func Check(tree fs.FS) ([]Fault, error) {
	var (
		faults  []Fault
		sources []*source
		nested  []string // folders of modules of their own
	)
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if entry.Name() == ".git" || entry.Name() == "vendor" || strings.HasSuffix(name, "/testdata/rapid") { // the last is never committed
				return fs.SkipDir
			}
			if _, err := fs.Stat(tree, path.Join(name, "go.mod")); err == nil && name != "." {
				nested = append(nested, name+"/")
			}
			return nil
		}
		if !entry.Type().IsRegular() || name == ".git" { // which is a file in a worktree
			return nil
		}
		text, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		faults = append(faults, machinePaths(name, text)...)
		if slices.ContainsFunc(nested, func(folder string) bool { return strings.HasPrefix(name, folder) }) {
			if path.Ext(name) != ".go" {
				return nil
			}
			s, err := parse(name, text)
			if err != nil {
				return err
			}
			faults = append(append(faults, s.checkNested()...), s.widths(text)...)
			return nil
		}
		if name == "go.mod" {
			faults = append(faults, requirements(name, text)...)
		}
		if path.Ext(name) != ".go" || slices.Contains(strings.Split(name, "/"), "testdata") {
			return nil
		}
		s, err := parse(name, text)
		if err != nil {
			return err
		}
		faults = append(faults, s.widths(text)...)
		sources = append(sources, s)
		return nil
	})
	if err != nil {
		return nil, err
	}
	variables := packageVariables(sources)
	for _, s := range sources {
		faults = append(faults, s.checkImports()...)
		faults = append(faults, s.checkNames()...)
		if isCore(s.folder) {
			faults = append(faults, s.checkUses()...)
			if !s.test {
				faults = append(faults, s.checkState(variables[s.folder])...)
			}
		}
	}
	faults = append(faults, missingRooms(sources)...)
	slices.SortStableFunc(faults, func(a, b Fault) int {
		if c := strings.Compare(a.File, b.File); c != 0 {
			return c
		}
		return a.Line - b.Line
	})
	return faults, nil
}

// missingRooms reports the packages of the rules that the tree does not have: a
// room that is renamed would otherwise leave its rules without a word.
func missingRooms(sources []*source) []Fault {
	var faults []Fault
	for _, a := range slices.Concat(rooms, foundation) {
		if !slices.ContainsFunc(sources, func(s *source) bool { return s.folder == a.from && !s.test }) {
			faults = append(faults, Fault{File: a.from, Message: "the package is missing"})
		}
	}
	return faults
}
