package command

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/engine"
)

// What a typed handle asks for, encoded as a client would send it, is the same
// range.
func TestBoundsEncodeAsTheyDecode(t *testing.T) {
	for name, fill := range map[string]func(*ZRangeArgs){
		"ranks":  func(a *ZRangeArgs) { a.Ranks(1, -2) },
		"scores": func(a *ZRangeArgs) { a.Scores(ScoreBound{F: 1.5}, ScoreBound{F: math.Inf(1), Open: true}) },
		"lex":    func(a *ZRangeArgs) { a.Lex(LexBound{B: []byte("a"), Open: true}, LexBound{B: []byte("z")}) },
		"all":    func(a *ZRangeArgs) { a.Lex(LexBound{Inf: -1}, LexBound{Inf: 1}) },
	} {
		for _, rev := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				a := ZRangeArgs{Key: engine.KeyOf([]byte("k")), Rev: rev}
				fill(&a)
				argv := ZRange.Encode(new(arg.Walker), &a)
				c := ZRange.NewCall().(*call[ZRangeArgs, Scores])
				require.NoError(t, c.Decode(new(arg.Walker), argv, 0))
				require.Equal(t, a.r, c.args.r)
				require.Equal(t, a.By, c.args.By)
				require.Equal(t, rev, c.args.Rev)
			})
		}
	}
}
