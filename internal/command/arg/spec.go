package arg

// Spec is what describing a command finds out.
type Spec struct {
	Arity     int // with the name; negative: at least so many
	Variadic  bool
	Keys      []KeySpec
	Arguments []Argument

	min   int      // arguments that must be there
	depth int      // of optional groups
	name  int      // words of the command's name
	next  Argument // what was said of the argument to come
}

// Fits reports whether a command may have so many words, its name included.
func (s *Spec) Fits(words int) bool {
	if s.Arity >= 0 {
		return words == s.Arity
	}
	return words >= -s.Arity
}

// KeySpec says where keys stand among the words of a command, the name at 0.
type KeySpec struct {
	Flags   KeyFlags
	Unknown bool // the arguments do not tell
	Begin   int  // the first key, or the count if Num
	Last    int  // relative to Begin; negative: from the end
	Step    int
	Num     bool // a count at Begin, keys behind it
}

// Plain reports whether the keys are a range at a fixed place.
func (k *KeySpec) Plain() bool { return !k.Unknown && !k.Num }

// End is the last key's place, negative when counted from the end.
func (k *KeySpec) End() int {
	if k.Last < 0 {
		return k.Last
	}
	return k.Begin + k.Last
}

// Find returns the places of the keys among argv, whose first word is the
// command's name. ok is false if argv is too short for them or the spec tells none.
func (k *KeySpec) Find(argv [][]byte) (at []int, ok bool) {
	first, last := k.Begin, k.End()
	switch {
	case k.Unknown:
		return nil, false
	case k.Num:
		if k.Begin >= len(argv) {
			return nil, false
		}
		n, isInt := ParseInt(argv[k.Begin])
		if !isInt || n < 1 || n >= int64(len(argv)-k.Begin) {
			return nil, false
		}
		first, last = k.Begin+1, k.Begin+int(n)
	case last < 0:
		last += len(argv)
	}
	if last >= len(argv) || first > last {
		return nil, false
	}
	for i := first; i <= last; i += k.Step {
		at = append(at, i)
	}
	return at, true
}

// Argument is a node of the tree that COMMAND DOCS replies.
type Argument struct {
	Name, Type, Token  string
	KeySpec            int // of type key: which of the key specs tells where it stands
	Optional, Multiple bool
	MultipleToken      bool // each repetition has the token before it
	Arguments          []Argument
}

// Describe walks an argument struct and returns what it is. name is the number
// of words in the command's name.
func Describe(name int, walk func(*Walker)) *Spec {
	s := &Spec{name: name}
	w := &Walker{mode: describing, spec: s, round: -1}
	w.open = []*[]Argument{&s.Arguments}
	walk(w)
	for len(w.open) > 1 {
		w.close()
	}
	s.Arity = name + s.min
	if s.Variadic {
		s.Arity = -s.Arity
	}
	return s
}

// add describes one argument at the current place.
func (w *Walker) add(a Argument) {
	s := w.spec
	if s.depth == 0 {
		s.min++
	}
	list := w.open[len(w.open)-1]
	*list = append(*list, s.told(a))
}

// told is an argument with what was said of it beforehand.
func (s *Spec) told(a Argument) Argument {
	if s.next.Token != "" {
		a.Token = s.next.Token
	}
	if s.next.Type != "" {
		a.Type = s.next.Type
	}
	a.Multiple = a.Multiple || s.next.Multiple
	a.MultipleToken = s.next.MultipleToken
	s.next = Argument{}
	return a
}

// As says, for COMMAND DOCS, that the argument to come is of another type than the
// one it is read as.
func (w *Walker) As(typ string) {
	if w.mode == describing {
		w.spec.next.Type = typ
	}
}

// Repeats says, for COMMAND DOCS, that the argument to come may be there more than
// once, each time behind its token or only the first.
func (w *Walker) Repeats(withToken bool) {
	if w.mode == describing {
		w.spec.next.Multiple, w.spec.next.MultipleToken = true, withToken
	}
}

// Begin opens, for COMMAND DOCS, a group of the arguments up to End: of type
// "oneof" or "block".
func (w *Walker) Begin(name, typ string) {
	if w.mode != describing {
		return
	}
	list := w.open[len(w.open)-1]
	*list = append(*list, w.spec.told(Argument{Name: name, Type: typ}))
	w.groups = append(w.groups, list)
	w.open = append(w.open, new([]Argument))
}

// End closes the group that Begin opened.
func (w *Walker) End() {
	if w.mode != describing {
		return
	}
	members := *w.open[len(w.open)-1]
	w.open = w.open[:len(w.open)-1]
	list := *w.groups[len(w.groups)-1]
	w.groups = w.groups[:len(w.groups)-1]
	list[len(list)-1].Arguments = members
}

func (w *Walker) optional() {
	w.spec.Variadic = true
	w.spec.depth++
	w.open = append(w.open, new([]Argument))
}

// close ends an optional group: its arguments become optional where they stand.
func (w *Walker) close() {
	group := *w.open[len(w.open)-1]
	w.open = w.open[:len(w.open)-1]
	w.spec.depth--
	list := w.open[len(w.open)-1]
	for _, a := range group {
		a.Optional = true
		*list = append(*list, a)
	}
}

func (s *Spec) keyRange(last, step int, f KeyFlags) {
	s.Keys = append(s.Keys, KeySpec{Flags: f, Begin: s.name + s.min, Last: last, Step: step})
}

func (s *Spec) keyNum(f KeyFlags) {
	s.Keys = append(s.Keys, KeySpec{Flags: f, Begin: s.name + s.min, Num: true, Step: 1})
}
