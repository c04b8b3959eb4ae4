package picture

import (
	"fmt"
	"html/template"
	"math/big"
	"strings"
)

// scale returns n of whole, of so many steps. Minor units may be large: no product of them
// may wrap around.
func scale(n, steps, of int64) int64 {
	out := new(big.Int).Mul(big.NewInt(n), big.NewInt(steps))
	return out.Quo(out, big.NewInt(of)).Int64()
}

// A Bar is one of a chart. Size is what is drawn, in minor units; the others are written.
type Bar struct {
	Label, Value string
	Size         int64
	Expected     bool
}

const barsTop, curveTop, barsBottom, barsHeight = 8, 24, 128, 150

// Bars draws bars beside one another, those below zero downwards from the top of nothing:
// a credit is drawn as tall as it is, and its value says that it is one.
func Bars(caption, unit string, bars []Bar) template.HTML {
	var c canvas
	largest := int64(1)
	for _, b := range bars {
		largest = max(largest, size(b.Size))
	}
	figures := Table{Head: []string{unit, "#Amount"}}
	free := int64(0)
	for i, b := range bars {
		each := int64(whole) / int64(len(bars))
		x := int64(i) * whole / int64(len(bars))
		class := "bar"
		if b.Expected {
			class = "expected"
		}
		if height := scale(size(b.Size), barsBottom-barsTop, largest); height > 0 {
			c.rect(class, x+each/8, each*3/4, barsBottom-height, height, b.Label+": "+b.Value)
		}
		if x >= free && x+room(b.Label) <= whole {
			c.label("soft", x+each/8, barsBottom+16, b.Label)
			free = x + room(b.Label+"  ")
		}
		value := b.Value
		if b.Expected {
			value += " (expected)"
		}
		figures.Rows = append(figures.Rows, []string{b.Label, value})
	}
	c.line("rule", 0, barsBottom, whole, barsBottom)
	return figure(caption, caption+", as bars", barsHeight, c.String(), figures, false)
}

// A Point is one of a curve: how much of something, and what that costs in minor units.
type Point struct {
	X, Y         int64
	XText, YText string
}

// Curve draws a line through points, in the order of X.
func Curve(caption, x, y string, points []Point) template.HTML {
	var c canvas
	furthest, highest := int64(1), int64(1)
	for _, p := range points {
		furthest, highest = max(furthest, p.X), max(highest, p.Y)
	}
	figures := Table{Head: []string{"#" + x, "#" + y}}
	var path strings.Builder
	for i, p := range points {
		if i > 0 {
			path.WriteByte(' ')
		}
		fmt.Fprintf(&path, "%d,%d", scale(p.X, 1000, furthest), 100-scale(p.Y, 100, highest))
		figures.Rows = append(figures.Rows, []string{p.XText, p.YText})
	}
	// The line is drawn in a box that is stretched, and the pen is not.
	fmt.Fprintf(&c, `<svg x="0" y="%d" width="100%%" height="%d" viewBox="0 0 1000 100" preserveAspectRatio="none"><polyline class="line" vector-effect="non-scaling-stroke" points="%s"/></svg>`+"\n",
		curveTop, barsBottom-curveTop, path.String())
	c.line("rule", 0, barsBottom, whole, barsBottom)
	if n := len(points); n > 0 {
		c.label("soft", 0, barsBottom+16, points[0].XText)
		c.label("soft", whole, barsBottom+16, points[n-1].XText)
		c.label("soft", whole, curveTop-8, points[n-1].YText)
	}
	return figure(caption, caption+", as a curve", barsHeight, c.String(), figures, false)
}

// Quota draws how much of an allowance is used.
func Quota(name, text string, used, limit int64) template.HTML {
	share := int64(0)
	if limit > 0 {
		share = min(whole, scale(max(0, used), whole, limit))
	}
	return template.HTML(fmt.Sprintf(`<div class="quota"><span>%s</span> <meter min="0" max="%d" value="%d" aria-label="%s: %s">%s</meter> <span>%s</span></div>`,
		esc(name), whole, share, esc(name), esc(text), esc(text), esc(text)))
}
