package architecture

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// checkImports reports imports that no arrow and no list allows.
func (s *source) checkImports() []Fault {
	var faults []Fault
	for _, spec := range s.ast.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // parse has refused it
		}
		if why := s.refuses(imported); why != "" {
			faults = append(faults, s.fault(spec.Pos(), "imports %s: %s", imported, why))
		}
		if spec.Name != nil && spec.Name.Name == "." {
			faults = append(faults, s.fault(spec.Pos(), "imports %s with a dot: its names could not be told from this package's", imported))
		}
	}
	return faults
}

// checkNested reports what a file of a nested module imports and an importer could not.
func (s *source) checkNested() []Fault {
	var faults []Fault
	for _, spec := range s.ast.Imports {
		if imported, err := strconv.Unquote(spec.Path.Value); err == nil && strings.HasPrefix(imported, Module+"/internal/") {
			faults = append(faults, s.fault(spec.Pos(), "imports %s: a module of its own imports what any importer can", imported))
		}
	}
	return faults
}

// refuses returns why the file may not import a package, or "".
func (s *source) refuses(imported string) string {
	first, _, _ := strings.Cut(imported, "/")
	switch {
	case imported == Module || strings.HasPrefix(imported, Module+"/"):
		return s.refusesOwn(strings.TrimPrefix(strings.TrimPrefix(imported, Module), "/"))
	case strings.Contains(first, "."):
		return s.refusesDependency(imported)
	case isCore(s.folder) && !s.test && !slices.Contains(standard, imported):
		return "not in the list of what the pure core uses of the standard library"
	case imported == "C" || imported == "plugin" || imported == "unsafe" && !s.test: // a test may ask for a size
		return "the module is plain Go"
	}
	return ""
}

// refusesOwn judges an import of a package of this module.
func (s *source) refusesOwn(target string) string {
	example := strings.HasPrefix(s.folder, "examples/")
	if example && strings.HasPrefix(target, "internal/") {
		return "an example imports what any importer can"
	}
	if strings.HasPrefix(target, "examples/") && story(s.folder) != story(target) && !((example || s.testHelper()) && slices.Contains(toolbox, target)) {
		return "an example holds nothing that another package needs"
	}
	allowed, core := coreArrows(s.folder)
	if !core {
		if s.folder == "." && !s.test {
			return "the landing page imports nothing"
		}
		return ""
	}
	if target == s.folder || slices.Contains(allowed, target) {
		return "" // a package's own external tests import it
	}
	if s.test && strings.HasPrefix(target, "internal/") {
		return "" // shared test helpers
	}
	if s.test && strings.HasSuffix(s.ast.Name.Name, "_test") && isCore(target) {
		return "" // an external test is an importer like any other
	}
	if target == "" {
		target = "the root"
	}
	if len(allowed) == 0 {
		return fmt.Sprintf("no arrow leads from %s to any package of this module", s.folder)
	}
	return fmt.Sprintf("no arrow leads from %s to %s, only to %s", s.folder, target, strings.Join(allowed, ", "))
}

// story is the folder of an example: one that is large has packages of its own.
func story(folder string) string {
	parts := strings.SplitN(folder, "/", 3)
	if len(parts) < 2 || parts[0] != "examples" {
		return folder
	}
	return parts[0] + "/" + parts[1]
}

// refusesDependency judges an import of another module's package.
func (s *source) refusesDependency(imported string) string {
	for _, dependency := range dependencies {
		switch {
		case !slices.Contains(dependency.packages, imported):
			continue
		case dependency.testsOnly && !s.test && !s.testHelper():
			return "for tests only"
		}
		return ""
	}
	return "not in the list of dependencies"
}

// testHelper reports whether the file belongs to a helper that only tests
// import: an internal package outside the foundation.
func (s *source) testHelper() bool {
	return strings.HasPrefix(s.folder, "internal/") && !isCore(s.folder)
}

// requirements reports direct dependencies outside the list, and directives that
// importers would not inherit or would have to.
func requirements(name string, text []byte) []Fault {
	var (
		faults []Fault
		block  string
	)
	report := func(line int, format string, args ...any) {
		faults = append(faults, Fault{File: name, Line: line, Message: fmt.Sprintf(format, args...)})
	}
	for i, line := range strings.Split(string(text), "\n") {
		code, comment, _ := strings.Cut(line, "//")
		words := strings.Fields(code)
		switch {
		case len(words) == 0:
			continue
		case words[0] == ")":
			block = ""
			continue
		case len(words) == 2 && words[1] == "(":
			block = words[0]
			words = words[:1]
		case block != "":
			words = append([]string{block}, words...)
		}
		switch words[0] {
		case "replace", "exclude", "tool", "toolchain", "retract":
			report(i+1, "a %s directive: importers do not see it, or must", words[0])
		case "module":
			if len(words) != 2 || words[1] != Module {
				report(i+1, "the module is not %s", Module)
			}
		case "require":
			if len(words) < 3 || strings.TrimSpace(comment) == "indirect" {
				continue
			}
			if !slices.ContainsFunc(dependencies, func(d dependency) bool { return d.module == words[1] }) {
				report(i+1, "requires %s, which is not in the list of dependencies", words[1])
			}
		}
	}
	return faults
}
