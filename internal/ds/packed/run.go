package packed

import "encoding/binary"

// Run is a part of a sequence, borrowed until the next change. Its elements stand one
// behind another, so who wants copies of all copies Data once and cuts it by the lengths;
// reading one costs no call and no search.
type Run struct {
	Data []byte // of all elements
	lens []byte // as they stand in the sequence: the first one last
	wide bool
}

// Run is the n elements from i on.
func (s *Seq) Run(i, n int) Run {
	at := s.offset(i)
	end := at + s.sum(i, i+n)
	mem := s.mem()
	return Run{mem[at:end:end], mem[s.end(i+n):s.end(i)], s.wide}
}

// Len is how many elements there are.
func (r *Run) Len() int {
	if r.wide {
		return len(r.lens) / 4
	}
	return len(r.lens)
}

// Length is how many bytes element i has.
func (r *Run) Length(i int) int {
	if r.wide {
		return int(binary.LittleEndian.Uint32(r.lens[len(r.lens)-4*(i+1):]))
	}
	return int(r.lens[len(r.lens)-1-i])
}
