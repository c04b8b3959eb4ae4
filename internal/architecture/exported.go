package architecture

import (
	"go/ast"
	"io/fs"
	"path"
	"strings"
)

// A RoomCount is how many names a room exports: what an importer has to read past.
// Fields of types are not counted.
type RoomCount struct {
	Room                         string
	Types, Functions, Methods    int
	Constants                    int // and variables
	ForJSON, ForText, WordChecks int // of the methods: plumbing of encoding and of words
}

// Names returns the sum of all names.
func (c RoomCount) Names() int { return c.Types + c.Functions + c.Methods + c.Constants }

// Exported counts the exported names of each room.
func Exported(tree fs.FS) ([]RoomCount, error) {
	var all []RoomCount
	for _, room := range rooms {
		count := RoomCount{Room: room.from}
		files, err := fs.Glob(tree, path.Join(room.from, "*.go"))
		if err != nil {
			return nil, err
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			text, err := fs.ReadFile(tree, name)
			if err != nil {
				return nil, err
			}
			s, err := parse(name, text)
			if err != nil {
				return nil, err
			}
			for _, decl := range s.ast.Decls {
				count.add(decl)
			}
		}
		all = append(all, count)
	}
	return all, nil
}

func (c *RoomCount) add(decl ast.Decl) {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		switch {
		case !d.Name.IsExported():
		case d.Recv == nil:
			c.Functions++
		case receives(d.Recv.List[0].Type):
			c.Methods++
			c.plumbing(d.Name.Name)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				if spec.Name.IsExported() {
					c.Types++
				}
			case *ast.ValueSpec:
				for _, name := range spec.Names {
					if name.IsExported() {
						c.Constants++
					}
				}
			}
		}
	}
}

// plumbing counts a method that a type has for encoding, or because it is a word.
func (c *RoomCount) plumbing(method string) {
	switch method {
	case "MarshalJSON", "UnmarshalJSON", "AppendJSON":
		c.ForJSON++
	case "MarshalText", "UnmarshalText", "AppendText":
		c.ForText++
	case "IsValid", "String":
		c.WordChecks++
	}
}

// receives reports whether a receiver's type is exported.
func receives(e ast.Expr) bool {
	switch t := e.(type) {
	case *ast.StarExpr:
		return receives(t.X)
	case *ast.IndexExpr:
		return receives(t.X)
	case *ast.Ident:
		return t.IsExported()
	}
	return false
}
