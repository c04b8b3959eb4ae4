package picture

import (
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"

	"github.com/perennial-billing/perennial/lifecycle"
)

// places are the statuses on a grid of 2 by 3.
var places = map[string][2]int64{
	"future": {0, 0}, "in_trial": {1, 0}, "active": {0, 1}, "non_renewing": {1, 1}, "paused": {0, 2}, "cancelled": {1, 2},
}

const (
	boxWidth, boxHeight          = 120, 34
	columnWidth, rowHeight       = 200, 110
	gridWidth, gridHeight        = 340, 270
	gridLeft, gridTop            = 10, 8
	lifecycleHeight        int64 = 270
)

// Lifecycle draws the table of package lifecycle: an arrow where an action leads from one status to
// another. Which actions those are is in the figures.
func Lifecycle() template.HTML {
	leads := map[[2]string][]string{}
	for line := range strings.Lines(lifecycle.Mermaid()) {
		from, rest, ok := strings.Cut(strings.TrimSpace(line), " --> ")
		to, by, labelled := strings.Cut(rest, ": ")
		if _, known := places[from]; !ok || !labelled || !known || from == to {
			continue
		}
		if _, known := places[to]; known {
			leads[[2]string{from, to}] = append(leads[[2]string{from, to}], strings.TrimSpace(by))
		}
	}
	var c canvas
	fmt.Fprintf(&c, `<svg x="0" y="0" width="100%%" height="%d" viewBox="0 0 %d %d">`+"\n", lifecycleHeight, gridWidth, gridHeight)
	c.WriteString(`<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto-start-reverse"><path d="M0 0 8 4 0 8z" fill="currentColor"/></marker></defs>` + "\n")
	edges := slices.SortedFunc(maps.Keys(leads), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	figures := Table{Head: []string{"From", "To", "By"}}
	for _, e := range edges {
		c.arrow(places[e[0]], places[e[1]])
		slices.Sort(leads[e])
		figures.Rows = append(figures.Rows, []string{words(e[0]), words(e[1]), strings.Join(slices.Compact(leads[e]), ", ")})
	}
	for _, name := range slices.Sorted(maps.Keys(places)) {
		x, y := corner(places[name])
		fmt.Fprintf(&c, `<rect class="%s" x="%d" y="%d" width="%d" height="%d" rx="6"/><text x="%d" y="%d" text-anchor="middle">%s</text>`+"\n",
			name, x, y, boxWidth, boxHeight, x+boxWidth/2, y+boxHeight/2+4, words(name))
	}
	c.WriteString("</svg>\n")
	return figure("Statuses, and where actions lead", "The statuses of a subscription, with arrows where an action leads from one to another", lifecycleHeight, c.String(), figures, false)
}

func corner(at [2]int64) (x, y int64) { return gridLeft + at[0]*columnWidth, gridTop + at[1]*rowHeight }

// arrow draws from the side of one box to that of another; there and back are a little apart.
func (c *canvas) arrow(from, to [2]int64) {
	x1, y1 := corner(from)
	x2, y2 := corner(to)
	apart := int64(8)
	if from[0]+from[1]*2 > to[0]+to[1]*2 {
		apart = -8
	}
	middle, half := int64(boxWidth/2), int64(boxHeight/2)
	switch {
	case from[1] == to[1] && x1 < x2:
		x1, y1, y2 = x1+boxWidth, y1+half+apart, y2+half+apart
	case from[1] == to[1]:
		x2, y1, y2 = x2+boxWidth, y1+half+apart, y2+half+apart
	case y1 < y2:
		x1, x2, y1 = x1+middle+apart*2, x2+middle+apart*2, y1+boxHeight
	default:
		x1, x2, y2 = x1+middle+apart*2, x2+middle+apart*2, y2+boxHeight
	}
	if size(from[1]-to[1]) == 2 && from[0] == to[0] { // around the box between
		side := int64(-1)
		if from[0] == 1 {
			side = 1
		}
		edge := gridLeft + from[0]*columnWidth + boxWidth/2 + side*(boxWidth/2)
		out := edge + side*(8+apart/4)
		ya, yb := gridTop+from[1]*rowHeight+half, gridTop+to[1]*rowHeight+half
		fmt.Fprintf(c, `<path class="edge" marker-end="url(#tip)" d="M%d %dH%dV%dH%d"/>`+"\n", edge, ya, out, yb+apart/2, edge)
		return
	}
	fmt.Fprintf(c, `<line class="edge" x1="%d" y1="%d" x2="%d" y2="%d" marker-end="url(#tip)"/>`+"\n", x1, y1, x2, y2)
}
