package architecture

import (
	"go/ast"
	"go/token"
	"strings"
)

// packageVariables returns the names of the package-level variables of the core,
// by folder.
func packageVariables(sources []*source) map[string]map[string]bool {
	variables := map[string]map[string]bool{}
	for _, s := range sources {
		if s.test || !isCore(s.folder) {
			continue
		}
		if variables[s.folder] == nil {
			variables[s.folder] = map[string]bool{}
		}
		for _, spec := range s.packageVars() {
			for _, name := range spec.Names {
				if name.Name != "_" {
					variables[s.folder][name.Name] = true
				}
			}
		}
	}
	return variables
}

// packageVars returns the declarations of package-level variables of the file.
func (s *source) packageVars() []*ast.ValueSpec {
	var specs []*ast.ValueSpec
	for _, decl := range s.ast.Decls {
		if general, ok := decl.(*ast.GenDecl); ok && general.Tok == token.VAR {
			for _, spec := range general.Specs {
				specs = append(specs, spec.(*ast.ValueSpec))
			}
		}
	}
	return specs
}

// checkState reports package-level variables that anybody may change, and
// statements that change one, here or in an imported package.
func (s *source) checkState(variables map[string]bool) []Fault {
	var faults []Fault
	for _, spec := range s.packageVars() {
		for _, name := range spec.Names {
			if name.IsExported() && !s.sentinel(spec, name.Name) {
				faults = append(faults, s.fault(name.Pos(), "var %s: importers could change it; only errors named Err…, made by package fault, are exported variables", name.Name))
			}
		}
	}
	for _, decl := range s.ast.Decls {
		if s.lends(decl) {
			continue
		}
		ast.Inspect(decl, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.AssignStmt:
				if node.Tok != token.DEFINE {
					for _, target := range node.Lhs {
						faults = s.changed(faults, variables, target, "assigns to")
					}
				}
			case *ast.IncDecStmt:
				faults = s.changed(faults, variables, node.X, "changes")
			case *ast.RangeStmt:
				if node.Tok == token.ASSIGN {
					faults = s.changed(faults, variables, node.Key, "assigns to")
					faults = s.changed(faults, variables, node.Value, "assigns to")
				}
			case *ast.UnaryExpr:
				if node.Op == token.AND {
					faults = s.addressed(faults, node)
				}
			case *ast.CallExpr:
				if callee, ok := node.Fun.(*ast.Ident); ok && len(node.Args) > 0 && callee.Obj == nil {
					if callee.Name == "delete" || callee.Name == "clear" || callee.Name == "copy" {
						faults = s.changed(faults, variables, node.Args[0], callee.Name+"s")
					}
				}
			}
			return true
		})
	}
	return faults
}

// lends reports whether a declaration is the one by which a room lends another what is
// not on its page, when the program starts.
func (s *source) lends(decl ast.Decl) bool {
	function, ok := decl.(*ast.FuncDecl)
	return ok && s.folder == lender.folder && function.Name.Name == lender.function
}

// sentinel reports whether an exported variable is an error that callers compare with.
func (s *source) sentinel(spec *ast.ValueSpec, name string) bool {
	if !strings.HasPrefix(name, "Err") || len(spec.Values) != len(spec.Names) {
		return false
	}
	for _, value := range spec.Values {
		call, ok := value.(*ast.CallExpr)
		if !ok {
			return false
		}
		if !s.makesError(call.Fun) {
			return false
		}
	}
	return true
}

// makesError reports whether a function makes an error that has a class: fault.New, or
// Errorf of a code such as fault.Required. The leaf of errors has its own.
func (s *source) makesError(function ast.Expr) bool {
	leaf := Module + "/" + faultRoom
	if method, ok := function.(*ast.SelectorExpr); ok && method.Sel.Name == "Errorf" {
		if path, _, ok := s.imported(method.X); ok {
			return path == leaf
		}
	}
	path, name, ok := s.imported(function)
	return ok && path == leaf && name == "New"
}

// changed adds a fault where the target of a change is, or lies in, a
// package-level variable of this package or of an imported one.
func (s *source) changed(faults []Fault, variables map[string]bool, target ast.Expr, verb string) []Fault {
	for target != nil {
		if path, name, ok := s.imported(target); ok {
			return append(faults, s.fault(target.Pos(), "%s %s.%s, a variable of another package", verb, lastPart(path), name))
		}
		switch e := target.(type) {
		case *ast.IndexExpr:
			target = e.X
		case *ast.SliceExpr:
			target = e.X
		case *ast.SelectorExpr:
			target = e.X
		case *ast.StarExpr:
			target = e.X
		case *ast.ParenExpr:
			target = e.X
		case *ast.Ident:
			if variables[e.Name] && s.packageLevel(e) {
				return append(faults, s.fault(e.Pos(), "%s the package-level variable %s: the core keeps no state", verb, e.Name))
			}
			return faults
		default:
			return faults
		}
	}
	return faults
}

// addressed adds a fault where the address of another package's variable is taken.
func (s *source) addressed(faults []Fault, e *ast.UnaryExpr) []Fault {
	if path, name, ok := s.imported(e.X); ok {
		return append(faults, s.fault(e.Pos(), "takes the address of %s.%s, a variable of another package", lastPart(path), name))
	}
	return faults
}

// packageLevel reports whether an identifier means the package-level variable of
// its name: it is declared in another file, or at the top of this one.
func (s *source) packageLevel(e *ast.Ident) bool {
	if e.Obj == nil {
		return true
	}
	declared, ok := e.Obj.Decl.(*ast.ValueSpec)
	if !ok {
		return false
	}
	for _, spec := range s.packageVars() {
		if spec == declared {
			return true
		}
	}
	return false
}
