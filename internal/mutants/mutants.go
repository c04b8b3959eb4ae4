package mutants

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
)

// A Mutant is one change of a file: the bytes from From up to To become With.
type Mutant struct {
	From, To int
	With     string
	Line     int
	What     string // for people, such as `< becomes <=`
}

// Apply returns the file with the change.
func (m Mutant) Apply(source []byte) []byte {
	return slices.Concat(source[:m.From], []byte(m.With), source[m.To:])
}

// Of returns the mutants of a file, in the order of their places.
func Of(name string, source []byte) ([]Mutant, error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, source, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	f := &finder{files: files, source: source}
	for _, d := range file.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil {
			f.block(fn.Body)
		}
	}
	slices.SortStableFunc(f.found, func(a, b Mutant) int { return a.From - b.From })
	return f.found, nil
}

type finder struct {
	files  *token.FileSet
	source []byte
	found  []Mutant
}

func (f *finder) offset(p token.Pos) int { return f.files.Position(p).Offset }

func (f *finder) text(n ast.Node) string {
	return string(f.source[f.offset(n.Pos()):f.offset(n.End())])
}

func (f *finder) replace(from, to token.Pos, with, what string, args ...any) {
	f.found = append(f.found, Mutant{f.offset(from), f.offset(to), with, f.files.Position(from).Line, fmt.Sprintf(what, args...)})
}

func (f *finder) block(body *ast.BlockStmt) {
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if !wordsOnly(n) {
				return true
			}
			return false
		case *ast.IfStmt:
			f.never(n.Cond)
		case *ast.ForStmt:
			if n.Cond != nil {
				f.negate(n.Cond)
			}
		case *ast.CaseClause:
			// Of a switch without a tag each is a condition; of another one a negated word does not
			// compile.
			for _, cond := range n.List {
				if condition(cond) {
					f.negate(cond)
				}
			}
		case *ast.BinaryExpr:
			f.operator(n)
		case *ast.ReturnStmt:
			f.returned(n)
		case *ast.AssignStmt:
			f.assigned(n)
		case *ast.IncDecStmt:
			f.leaveOut(n)
		case *ast.ExprStmt:
			f.leaveOut(n)
		case *ast.BranchStmt:
			f.branch(n)
		case *ast.BasicLit:
			f.number(n)
		}
		return true
	})
}

// wordsOnly reports whether a call makes a message, whose words no test has to hold.
func wordsOnly(call *ast.CallExpr) bool {
	switch fun := call.Fun.(type) {
	case *ast.SelectorExpr:
		return slices.Contains([]string{"Errorf", "Sprintf", "Sprint", "Fprintf", "Add", "New", "addf", "requiref"}, fun.Sel.Name) && hasText(call)
	case *ast.Ident:
		return fun.Name == "panic"
	}
	return false
}

func hasText(call *ast.CallExpr) bool {
	return slices.ContainsFunc(call.Args, func(arg ast.Expr) bool {
		lit, ok := arg.(*ast.BasicLit)
		return ok && lit.Kind == token.STRING
	})
}

// condition reports whether an expression is one by its looks.
func condition(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BinaryExpr:
		return slices.Contains([]token.Token{token.EQL, token.NEQ, token.LSS, token.LEQ, token.GTR, token.GEQ, token.LAND, token.LOR}, e.Op)
	case *ast.UnaryExpr:
		return e.Op == token.NOT
	case *ast.ParenExpr:
		return condition(e.X)
	case *ast.CallExpr:
		return true
	}
	return false
}

func (f *finder) never(cond ast.Expr) {
	f.replace(cond.Pos(), cond.End(), "false && ("+f.text(cond)+")", "never: if %s", f.text(cond))
	f.negate(cond)
}

func (f *finder) negate(cond ast.Expr) {
	f.replace(cond.Pos(), cond.End(), "!("+f.text(cond)+")", "the contrary of %s", f.text(cond))
}

// others are the operators that take the place of one.
var others = map[token.Token]token.Token{
	token.LSS: token.LEQ, token.LEQ: token.LSS, token.GTR: token.GEQ, token.GEQ: token.GTR,
	token.LAND: token.LOR, token.LOR: token.LAND,
	token.ADD: token.SUB, token.SUB: token.ADD, token.MUL: token.QUO, token.QUO: token.MUL, token.REM: token.MUL,
}

func (f *finder) operator(e *ast.BinaryExpr) {
	with, ok := others[e.Op]
	if !ok {
		return
	}
	to := e.OpPos + token.Pos(len(e.Op.String()))
	f.replace(e.OpPos, to, with.String(), "%s becomes %s in %s", e.Op, with, f.text(e))
}

// returned lets an error be none, and a truth its contrary.
func (f *finder) returned(r *ast.ReturnStmt) {
	for i, e := range r.Results {
		id, ok := e.(*ast.Ident)
		switch {
		case ok && id.Name == "true":
			f.replace(e.Pos(), e.End(), "false", "return false")
		case ok && id.Name == "false":
			f.replace(e.Pos(), e.End(), "true", "return true")
		case ok && id.Name == "err" && i == len(r.Results)-1:
			f.replace(e.Pos(), e.End(), "nil", "the error is swallowed")
		}
	}
}

func (f *finder) assigned(a *ast.AssignStmt) {
	if a.Tok == token.DEFINE {
		return
	}
	f.leaveOut(a)
	if with, ok := map[token.Token]string{token.ADD_ASSIGN: "-=", token.SUB_ASSIGN: "+="}[a.Tok]; ok {
		f.replace(a.TokPos, a.TokPos+2, with, "%s becomes %s in %s", a.Tok, with, f.text(a))
	}
}

func (f *finder) leaveOut(s ast.Stmt) {
	f.replace(s.Pos(), s.End(), "", "without: %s", f.text(s))
}

func (f *finder) branch(b *ast.BranchStmt) {
	switch {
	case b.Label != nil:
	case b.Tok == token.CONTINUE:
		f.replace(b.Pos(), b.End(), "break", "break instead of continue")
	case b.Tok == token.BREAK:
		f.replace(b.Pos(), b.End(), "continue", "continue instead of break")
	}
}

func (f *finder) number(l *ast.BasicLit) {
	if l.Kind != token.INT || strings.ContainsAny(l.Value, "xX_") || len(l.Value) > 3 {
		return // a mask, or a bound that only has to be large
	}
	with := map[string]string{"0": "1", "1": "0"}[l.Value]
	if with == "" {
		with = l.Value + " + 1"
	}
	f.replace(l.Pos(), l.End(), with, "%s becomes %s", l.Value, with)
}
