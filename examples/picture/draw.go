package picture

import (
	_ "embed"
	"fmt"
	"html/template"
	"strings"
	"time"
)

// Style is the style sheet of all pictures.
//
//go:embed style.css
var Style string

// A Table is what a picture shows, in figures. Columns whose heading begins with "#" hold
// numbers.
type Table struct {
	Head []string
	Rows [][]string
}

// whole is the width of a picture, in hundredths of a percent.
const whole = 10_000

// narrow is the smallest width in pixels at which labels must not overlap, letter the width
// of a letter.
const narrow, letter = 320, 7

// share writes a position as a share of the width.
func share(x int64) string { return fmt.Sprintf("%d.%02d%%", x/100, x%100) }

// room is how much of the width a label takes at its narrowest.
func room(label string) int64 { return int64(len([]rune(label))*letter) * whole / narrow }

// A canvas collects the elements of an SVG.
type canvas struct{ strings.Builder }

func esc(s string) string { return template.HTMLEscapeString(s) }

func (c *canvas) rect(class string, x, width, y, height int64, title string) {
	fmt.Fprintf(c, `<rect class="%s" x="%s" y="%d" width="%s" height="%d"><title>%s</title></rect>`+"\n", class, share(x), y, share(width), height, esc(title))
}

func (c *canvas) line(class string, x1, y1, x2, y2 int64) {
	fmt.Fprintf(c, `<line class="%s" x1="%s" y1="%d" x2="%s" y2="%d"/>`+"\n", class, share(x1), y1, share(x2), y2)
}

func (c *canvas) dot(class string, x, y int64, title string) {
	fmt.Fprintf(c, `<circle class="%s" cx="%s" cy="%d" r="4.5"><title>%s</title></circle>`+"\n", class, share(x), y, esc(title))
}

// label writes a text at a position. Near the right end it ends there.
func (c *canvas) label(class string, x, y int64, text string) {
	anchor := "start"
	if x+room(text) > whole {
		anchor = "end"
	}
	fmt.Fprintf(c, `<text class="%s" x="%s" y="%d" text-anchor="%s">%s</text>`+"\n", class, share(x), y, anchor, esc(text))
}

// figure puts a drawing, its caption and its figures together.
func figure(caption, described string, height int64, drawn string, figures Table, open bool) template.HTML {
	var out strings.Builder
	fmt.Fprintf(&out, "<figure class=\"picture\"><figcaption>%s</figcaption>\n<svg role=\"img\" aria-label=\"%s\" height=\"%d\">\n%s</svg>\n",
		esc(caption), esc(described), height, drawn)
	opened := ""
	if open {
		opened = " open"
	}
	fmt.Fprintf(&out, "<details%s><summary>The same in figures</summary><div class=\"figures\" tabindex=\"0\" role=\"region\" aria-label=\"%s, in figures\">%s</div></details></figure>\n",
		opened, esc(caption), figures.html())
	return template.HTML(out.String())
}

func (t Table) html() string {
	var out strings.Builder
	row := func(cells []string, tag string) {
		out.WriteString("<tr>")
		for i, cell := range cells {
			class, attribute := "", ""
			if strings.HasPrefix(t.Head[i], "#") {
				class = ` class="number"`
			}
			if tag == "th" {
				attribute, cell = ` scope="col"`, strings.TrimPrefix(cell, "#")
			}
			fmt.Fprintf(&out, "<%s%s%s>%s</%s>", tag, attribute, class, esc(cell), tag)
		}
		out.WriteString("</tr>\n")
	}
	out.WriteString("<table><thead>")
	row(t.Head, "th")
	out.WriteString("</thead><tbody>\n")
	for _, cells := range t.Rows {
		row(cells, "td")
	}
	out.WriteString("</tbody></table>")
	return out.String()
}

// An axis maps instants to positions.
type axis struct{ from, until time.Time }

func (a axis) at(t time.Time) int64 {
	switch {
	case !t.After(a.from):
		return 0
	case !t.Before(a.until):
		return whole
	}
	// In seconds, a century times whole fits easily.
	return int64(t.Sub(a.from)/time.Second) * whole / max(1, int64(a.until.Sub(a.from)/time.Second))
}

// ticks draws the months, and as many of their names as there is room for.
func (c *canvas) ticks(a axis, place *time.Location, top, bottom int64) {
	first := a.from.In(place)
	months := int(a.until.Sub(a.from)/(30*24*time.Hour)) + 2
	step := 1
	for _, s := range []int{1, 2, 3, 6, 12, 24, 60, 120, 1200} {
		if step = s; months/s <= 6 {
			break
		}
	}
	free := int64(0)
	for month := time.Date(first.Year(), first.Month(), 1, 0, 0, 0, 0, place); month.Before(a.until); month = month.AddDate(0, 1, 0) {
		since := (month.Year()-2000)*12 + int(month.Month()) - 1
		if month.Before(a.from) || since%step != 0 {
			continue
		}
		x := a.at(month)
		c.line("rule", x, top, x, bottom)
		name := month.Format("Jan 06")
		if x >= free && x+room(name) <= whole {
			c.label("soft", x, bottom+14, name)
			free = x + room(name+" ")
		}
	}
}
