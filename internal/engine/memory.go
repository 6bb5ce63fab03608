package engine

// Recount adds up what all entries should be accounted for, for tests to compare
// with Memory.
func (e *Engine) Recount() int64 {
	tx := e.beginAll(false)
	defer tx.Commit()
	var n int64
	for i := range e.stripes {
		for _, sp := range e.stripes[i].spaces {
			if sp == nil {
				continue
			}
			for e := range sp.keys.all() {
				n += e.size()
			}
		}
	}
	return n
}
