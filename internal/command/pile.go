package command

// pile copies byte strings, many of them into one piece of memory.
type pile struct {
	list  [][]byte
	block []byte // of the last ones
}

// The sizes of blocks: who keeps one string of many keeps little more alive.
const minBlock, maxBlock = 64, 4096

func (p *pile) add(b []byte) {
	if cap(p.block)-len(p.block) < len(b) || p.block == nil {
		p.block = make([]byte, 0, max(len(b), min(2*cap(p.block), maxBlock), minBlock))
	}
	at := len(p.block)
	p.block = append(p.block, b...)
	p.list = append(p.list, p.block[at:len(p.block):len(p.block)])
}
