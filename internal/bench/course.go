package bench

import "runtime"

// course is an entrant on its way through a contest's steps, as far as benchmarks
// ask for it. Steps follow one another, so that a benchmark of a late one has the
// earlier ones done first, unmeasured.
type course struct {
	terms
	entrant entrant
	steps   []step
	end     func()
	at      int     // the step that is under way
	left    []int32 // its elements that are still to be done
}

// close ends the entrant.
func (c *course) close() {
	if c.end != nil {
		c.end()
	}
	c.end, c.steps, c.left = nil, nil, nil
}

// open begins anew.
func (c *course) open() {
	c.close()
	c.steps, c.end = c.entrant.open(c.data)
	c.enter(0)
}

func (c *course) enter(step int) {
	c.at, c.left = step, c.order(uint64(step))
	if c.steps[step].all {
		c.left = c.left[:1]
	}
}

// seek brings the entrant to a step that has elements left.
func (c *course) seek(step int) {
	if c.end != nil && c.at == step && len(c.left) > 0 {
		return
	}
	if c.end == nil || c.at >= step {
		c.open()
	}
	for c.at < step {
		if do := c.steps[c.at].do; do != nil && len(c.left) > 0 {
			c.race(c.left, do)
		}
		c.enter(c.at + 1)
	}
	runtime.GC()
}

// has reports whether the entrant has the step.
func (c *course) has(step int) bool {
	if c.end == nil {
		c.open()
	}
	return c.steps[step].do != nil
}

// take hands out elements of a step that are still to be done: as many as asked for,
// or fewer if they are used up. Then it begins anew.
func (c *course) take(step, n int) []int32 {
	c.seek(step)
	part := c.left[:min(n, len(c.left))]
	if !c.steps[step].all { // such a step reads only, and can be done again
		c.left = c.left[len(part):]
	}
	return part
}

// each is how many elements one operation of a step is for.
func (c *course) each(step int) int {
	if c.steps[step].all {
		return c.n
	}
	return 1
}
