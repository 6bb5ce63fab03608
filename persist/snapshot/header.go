package snapshot

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"runtime"

	"github.com/vmihailenco/msgpack/v5"

	"github.com/residedb/reside/persist"
)

// header is the payload of a file's first frame. Fields that this version does not know
// are passed over, so that some can be added.
type header struct {
	History   string `msgpack:"history"`
	Position  int64  `msgpack:"position"`
	Clock     int64  `msgpack:"clock"`
	Databases int64  `msgpack:"databases"`
	Keys      int64  `msgpack:"keys"`
	Parts     int64  `msgpack:"parts"`
	Creator   string `msgpack:"creator"`
	Timed     int64  `msgpack:"timed,omitempty"`
}

// ErrInvalid is returned for a snapshot or a chunk that cannot be: a part that there is
// not, a negative number, more than fits.
var ErrInvalid = errors.New("snapshot: invalid")

func headerOf(about persist.Snapshot, creator string) ([]byte, error) {
	if creator == "" {
		creator = runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH
	}
	h := header{about.History, about.Position, about.Clock, int64(about.Databases), about.Keys, int64(about.Parts), creator, about.Timed}
	if why := h.impossible(); why != "" {
		return nil, fmt.Errorf("%w: %s", ErrInvalid, why)
	}
	b, err := msgpack.Marshal(&h)
	if err != nil {
		return nil, err
	}
	if len(b) > maxHeader {
		return nil, fmt.Errorf("%w: a header of %d bytes", ErrInvalid, len(b))
	}
	return b, nil
}

// headerIn reads a header; why is "" if it is one.
func headerIn(b []byte) (h header, why string) {
	r := bytes.NewReader(b)
	if err := msgpack.NewDecoder(r).Decode(&h); err != nil {
		return h, "the header is malformed: " + err.Error()
	}
	if r.Len() > 0 {
		return h, "the header has something behind it"
	}
	return h, h.impossible()
}

func (h *header) impossible() string {
	switch {
	case h.Position < 0:
		return fmt.Sprintf("the position is %d", h.Position)
	case h.Keys < 0:
		return fmt.Sprintf("there are %d keys", h.Keys)
	case h.Timed < 0:
		return fmt.Sprintf("there are %d hashes with deadlines", h.Timed)
	case h.Databases < 0 || h.Databases > math.MaxInt32:
		return fmt.Sprintf("there are %d databases", h.Databases)
	case h.Parts < 0 || h.Parts > math.MaxInt32:
		return fmt.Sprintf("there are %d parts", h.Parts)
	}
	return ""
}

func (h *header) about() persist.Snapshot {
	return persist.Snapshot{History: h.History, Position: h.Position, Clock: h.Clock, Databases: int(h.Databases), Keys: h.Keys, Parts: int(h.Parts), Timed: h.Timed}
}
