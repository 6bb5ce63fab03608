package command

import (
	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/command/reply"
	"github.com/residedb/reside/internal/engine"
)

func (a *SampleArgs) fields(w *arg.Walker) { a.walkWith(w, "WITHVALUES") }

// HRandField is HRANDFIELD.
var HRandField = defineBy(Info{"hrandfield", "hash", "6.2.0", ReadOnly, "", "Returns random fields of a hash."},
	(*SampleArgs).fields, hrandField, sampleReply)

// sampleReply is the shape of random elements: one or null, a list, or couples.
func sampleReply(a *SampleArgs) *reply.Codec[[][]byte] {
	switch {
	case !a.HasCount:
		return &reply.First
	case a.With:
		return &reply.Couples
	}
	return &reply.Bulks
}

func hrandField(tx *engine.Tx, a SampleArgs) ([][]byte, error) {
	h, err := findHash(tx, a.Key)
	if h == nil {
		return [][]byte{}, err
	}
	picks, err := a.picks(tx, h)
	list := make([][]byte, 0, 2)
	for _, i := range picks {
		f, v := h.At(i)
		list = append(list, nonNil(f))
		if a.With {
			list = append(list, nonNil(v))
		}
	}
	return list, err
}
