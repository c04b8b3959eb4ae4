package architecture

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// checkUses reports clocks, randomness, I/O, floats, panics and goroutines in a file
// of the core. Its tests may use everything except the wall clock.
func (s *source) checkUses() []Fault {
	var faults []Fault
	for _, decl := range s.ast.Decls {
		function, _ := decl.(*ast.FuncDecl)
		name := ""
		if function != nil {
			name = function.Name.Name
		}
		whole := map[ast.Node]bool{} // literals such as 1e9 that are integers
		ast.Inspect(decl, func(node ast.Node) bool {
			if table, ok := node.(*ast.CompositeLit); ok && tableOfIntegers(table) {
				for _, elem := range table.Elts {
					whole[elem] = true
				}
			}
			if fault, bad := s.use(node, name); bad && !whole[node] {
				faults = append(faults, fault)
			}
			return true
		})
	}
	return faults
}

// use judges one node of the declaration of a function, or of "" outside one.
func (s *source) use(node ast.Node, function string) (Fault, bool) {
	if selector, ok := node.(*ast.SelectorExpr); ok {
		if path, name, ok := s.imported(selector); ok {
			if s.test && path == "time" && slices.Contains(clocks.names, name) {
				return s.fault(node.Pos(), "time.%s in a test: tests do not wait, and name their instants", name), true
			}
			if why := s.banned(path, name, function); why != "" && !s.test {
				return s.fault(node.Pos(), "%s.%s %s", lastPart(path), name, why), true
			}
			return Fault{}, false
		}
	}
	if s.test {
		return Fault{}, false
	}
	switch node := node.(type) {
	case *ast.Ident:
		if node.Obj == nil && (node.Name == "float32" || node.Name == "float64" || node.Name == "complex64" || node.Name == "complex128") {
			return s.fault(node.Pos(), "%s: no floats near money", node.Name), true
		}
	case *ast.BasicLit:
		if node.Kind == token.FLOAT || node.Kind == token.IMAG {
			return s.fault(node.Pos(), "%s is a float literal: no floats near money", node.Value), true
		}
	case *ast.GoStmt:
		return s.fault(node.Pos(), "starts a goroutine: the core is sequential"), true
	case *ast.SelectStmt:
		return s.fault(node.Pos(), "waits on channels: the core is sequential"), true
	case *ast.CallExpr:
		return s.call(node, function)
	}
	return Fault{}, false
}

// tableOfIntegers reports whether a literal is an array or a slice of integers:
// there the compiler itself refuses a literal that is not a whole number, and
// 1e19 reads better than its zeros.
func tableOfIntegers(table *ast.CompositeLit) bool {
	array, ok := table.Type.(*ast.ArrayType)
	if !ok {
		return false
	}
	elem, ok := array.Elt.(*ast.Ident)
	return ok && slices.Contains([]string{"int", "int64", "uint64", "int32", "uint32"}, elem.Name)
}

// call judges a call of a builtin or a method.
func (s *source) call(call *ast.CallExpr, function string) (Fault, bool) {
	switch callee := call.Fun.(type) {
	case *ast.Ident:
		switch {
		case callee.Obj != nil:
		case callee.Name == "panic" && !strings.HasPrefix(function, "Must") && !strings.HasPrefix(function, "must"):
			return s.fault(call.Pos(), "panics outside a function named Must…"), true
		case callee.Name == "print" || callee.Name == "println":
			return s.fault(call.Pos(), "%s does I/O: the core returns values", callee.Name), true
		}
	case *ast.SelectorExpr:
		if _, _, ok := s.imported(callee); ok {
			return Fault{}, false // judged by its package
		}
		if why, bad := methods[callee.Sel.Name]; bad {
			return s.fault(call.Pos(), "method %s %s", callee.Sel.Name, why), true
		}
		// A big number's Div takes two arguments, a decimal's one.
		if callee.Sel.Name == "Div" && len(call.Args) == 1 {
			return s.fault(call.Pos(), "method Div of a decimal keeps as many places as a global variable says: use DivRound or QuoRem"), true
		}
	}
	return Fault{}, false
}

// banned returns why the core may not use a name of an imported package, or "".
func (s *source) banned(path, name, function string) string {
	if path == "time" && name == "LoadLocation" && s.folder == zoneLoader.room && function == zoneLoader.function {
		return ""
	}
	for _, b := range bans[path] {
		if slices.Contains(b.names, name) != b.except {
			return b.why
		}
	}
	if names, ok := state[path]; ok && s.folder != zoneLoader.room && (names == nil || slices.Contains(names, name)) {
		return "is state that outlives a call: the core keeps none"
	}
	return ""
}

func lastPart(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }
