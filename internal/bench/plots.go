package bench

import (
	"bytes"
	"fmt"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// bars is a plot of groups of bars, one bar a peer.
type bars struct {
	title, axis string
	groups      []string // from the top down
	peers       []string
	lengths     [][]float64 // by peer and group; NaN where nothing was measured
}

// ground is what a plot can be read on.
type ground string

// GitHub's two themes.
const (
	light ground = "light"
	dark  ground = "dark"
)

// ink is the colour of texts and lines.
func (g ground) ink() color.Color {
	if g == dark {
		return color.RGBA{0xc9, 0xd1, 0xd9, 0xff}
	}
	return color.RGBA{0x24, 0x29, 0x2f, 0xff}
}

// paint is the colour of a peer's bars: of one lightness, so that it is seen on both
// grounds, and told apart by who sees few colours.
func paint(peer string) color.Color {
	return map[string]color.Color{
		reside:    color.RGBA{0xe6, 0x5c, 0x00, 0xff},
		oneMap:    color.RGBA{0x4c, 0x9a, 0xd6, 0xff},
		manyMap:   color.RGBA{0x1f, 0x6f, 0xb4, 0xff},
		xsyncV4:   color.RGBA{0x2c, 0xa0, 0x6c, 0xff},
		bunt:      color.RGBA{0x9a, 0x7a, 0xc8, 0xff},
		redisPeer: color.RGBA{0xb0, 0x3a, 0x48, 0xff},
	}[peer]
}

// throughputBars compares millions of operations a second.
func throughputBars(r results) bars {
	b := bars{
		title: fmt.Sprintf("Operations on %d elements, by 4 goroutines", r.elements()),
		axis:  "million operations a second",
		peers: []string{reside, oneMap, manyMap, xsyncV4, bunt},
	}
	shown := [][3]string{
		{"get", "string", "get, hit"}, {"get, miss", "string", "get, miss"}, {"set", "string", "set existing"}, {"incr", "counter", "incr"},
		{"hash of 1000: get", "hash of 1000", "get"}, {"hash of 1000: set", "hash of 1000", "set existing"},
		{"hash of 10: get", "hash of 10", "get"}, {"list: push", "list of 1000", "push back"},
		{"set: contains", "set of 1000", "contains, yes"}, {"zset: add", "zset of 10000", "add new"},
		{"zset: score", "zset of 10000", "score"}, {"zset: rank", "zset of 10000", "rank"},
	}
	for _, s := range shown {
		b.groups = append(b.groups, s[0])
	}
	for _, peer := range b.peers {
		var lengths []float64
		for _, s := range shown {
			lengths = append(lengths, 1000/median(r.pick("ns/op", handleKeys(s[1], s[2], 4, peer)...)))
		}
		b.lengths = append(b.lengths, lengths)
	}
	return b
}

// memoryBars compares bytes a key.
func memoryBars(r results) bars {
	b := bars{title: "Memory, keys of 16 bytes", axis: "bytes", peers: []string{reside, oneMap, xsyncV4, redisPeer}}
	var all []weighing
	for _, w := range weighings() {
		if w.per == 1 { // the others are longer than the plot is wide
			all = append(all, w)
			b.groups = append(b.groups, w.name)
		}
	}
	for _, peer := range b.peers {
		var lengths []float64
		for _, w := range all {
			lengths = append(lengths, median(r.pick("B/key", memoryKeys(w.name, peer)...)))
		}
		b.lengths = append(b.lengths, lengths)
	}
	return b
}

// The sizes of a plot.
const (
	plotWidth  = 7.5 * vg.Inch
	barWidth   = vg.Length(5)
	groupSpace = vg.Length(7)
	plotFrame  = vg.Length(90)
	plotMargin = vg.Length(8)
)

// face is how the SVG names the font. Arial has the same widths, where it is missing.
const face = "font-family:Liberation Sans"

// draw makes an SVG.
func (b bars) draw(on ground) ([]byte, error) {
	p, height, err := b.plot(on)
	if err != nil {
		return nil, err
	}
	canvas, err := draw.NewFormattedCanvas(plotWidth, height, "svg")
	if err != nil {
		return nil, err
	}
	p.Draw(draw.Crop(draw.New(canvas), plotMargin, -plotMargin, plotMargin, -plotMargin))
	var svg bytes.Buffer
	_, err = canvas.WriteTo(&svg)
	return bytes.ReplaceAll(svg.Bytes(), []byte(face), []byte(face+",Arial,sans-serif")), err
}

// plot lays the bars out.
func (b bars) plot(on ground) (p *plot.Plot, height vg.Length, err error) {
	p = plot.New()
	b.style(p, on.ink())
	for i, peer := range b.peers {
		chart, err := plotter.NewBarChart(upward(b.lengths[i]), barWidth)
		if err != nil {
			return nil, 0, err
		}
		chart.Horizontal, chart.Color, chart.LineStyle.Width = true, paint(peer), 0
		chart.Offset = barWidth * (vg.Length(len(b.peers)-1)/2 - vg.Length(i))
		p.Add(chart)
		p.Legend.Add(peer, chart)
	}
	names := slices.Clone(b.groups)
	slices.Reverse(names)
	p.NominalY(names...)
	p.X.Min, p.X.Max = 0, p.X.Max*1.05
	group := barWidth*vg.Length(len(b.peers)) + groupSpace
	return p, group*vg.Length(len(b.groups)) + plotFrame, nil
}

// style sets texts, fonts and colours. The ground shows through.
func (b bars) style(p *plot.Plot, ink color.Color) {
	p.BackgroundColor = nil
	p.Title.Text, p.X.Label.Text = b.title, b.axis
	p.Title.Padding, p.Legend.Padding = vg.Points(6), vg.Points(2)
	texts := []*text.Style{&p.Title.TextStyle, &p.X.Label.TextStyle, &p.X.Tick.Label, &p.Y.Tick.Label, &p.Legend.TextStyle}
	for _, t := range texts {
		t.Color = ink
		t.Font = font.Font{Typeface: "Liberation", Variant: "Sans", Size: 10}
	}
	p.Title.TextStyle.Font.Size = 13
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Color, a.Tick.Color = ink, ink
	}
}

// upward are the lengths from the bottom up, as the library counts.
func upward(lengths []float64) plotter.Values {
	all := make(plotter.Values, len(lengths))
	for i, v := range lengths {
		if !math.IsNaN(v) {
			all[len(all)-1-i] = v
		}
	}
	return all
}
